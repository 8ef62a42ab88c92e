//! Proofs that are no signatures over the body: tokens, Basic, JWT, alternatives, none; and Zoom's handshake.

use serde_json::{Value, json};

use super::*;
use crate::webhook::{Answer, AnswerBody, Condition, Handshake, Jwt, Proof};

const NOW: i64 = 1_700_000_000;

fn token(at: Locator, prefix: &str) -> Verification {
    Verification::Token { at, prefix: prefix.to_owned() }
}

fn check(how: &Verification, r: Inbound) -> Result<&'static str, Refusal> {
    verify(how, r, &[SECRET.into()], at(NOW)).map(|v| v.method())
}

#[test]
fn a_token_wherever_it_stands() {
    let form = ("content-type", "application/x-www-form-urlencoded");
    let url = |query: &str| request(&format!("https://example.com/hook?{query}"), &[], B);
    let cases: Vec<(Locator, &str, Inbound, Inbound, Inbound)> = vec![
        (
            Locator::header("x-gitlab-token"),
            "",
            hook(&[("x-gitlab-token", SECRET)], B),
            hook(&[("x-gitlab-token", "test_secreT")], B),
            hook(&[], B),
        ),
        (
            Locator::header("Authorization"),
            "Bearer ",
            hook(&[("authorization", "Bearer test_secret")], B),
            hook(&[("authorization", "Bearer test_secret2")], B),
            hook(&[], B),
        ),
        (Locator::PathTail, "", hook(&[], B).with_path_tail(SECRET), hook(&[], B).with_path_tail("x"), hook(&[], B)),
        (
            Locator::body("/token"),
            "",
            hook(&[], br#"{"token":"test_secret"}"#),
            hook(&[], br#"{"token":""}"#),
            hook(&[], B),
        ),
        (
            Locator::Query("token".into()),
            "",
            url("a=b&token=test%5Fsecret"),
            url("token=test"),
            url("Token=test_secret"),
        ),
        (
            Locator::Form("token".into()),
            "",
            hook(&[form], b"a=b&token=test_secret"),
            hook(&[form], b"token=test_secret+"),
            hook(&[], b"token=test_secret"),
        ),
        (
            Locator::FormJson("payload".into(), "/token".into()),
            "",
            hook(&[form], b"payload=%7B%22token%22%3A%22test_secret%22%7D"),
            hook(&[form], b"payload=%7B%22token%22%3A%22test_secre%22%7D"),
            hook(&[form], b"payload=test_secret"),
        ),
    ];
    for (at, prefix, good, wrong, missing) in cases {
        let how = token(at.clone(), prefix);
        assert_eq!(check(&how, good.clone()), Ok("token"), "{at:?}");
        assert_eq!(check(&how, wrong), Err(Refusal::Mismatch("token")), "{at:?}");
        assert!(matches!(check(&how, missing), Err(Refusal::Missing(_))), "{at:?}");
        let by = |key: &str| verify(&how, good.clone(), &[key.into()], super::at(NOW)).map(|_| ()).unwrap_err();
        assert_eq!(by("test_secret_of_another"), Refusal::Mismatch("token"), "{at:?}");
        assert_eq!(by(""), Refusal::NoKey, "{at:?}");
    }
    let how = token(Locator::header("x-gitlab-token"), "");
    let doubled = hook(&[("x-gitlab-token", SECRET), ("x-gitlab-token", SECRET)], B);
    assert!(matches!(check(&how, doubled), Err(Refusal::Missing(_))));
    assert_eq!(check(&how, hook(&[("x-gitlab-token", "")], B)), Err(Refusal::Mismatch("token")));
    // A token that is no text can stand nowhere in a request.
    let e = verify(&how, hook(&[("x-gitlab-token", "x")], B), &[Secret::new(vec![0xff])], super::at(NOW)).unwrap_err();
    assert_eq!(e, Refusal::Mismatch("token"));
    // Without its prefix it is another scheme's header.
    let how = token(Locator::header("authorization"), "Bearer ");
    for value in ["test_secret", "bearer test_secret", "Basic dGVzdF9zZWNyZXQ="] {
        let got = check(&how, hook(&[("authorization", value)], B));
        assert!(matches!(got, Err(Refusal::Malformed(..))), "{value}: {got:?}");
    }
}

#[test]
fn basic() {
    let how = Verification::Basic;
    let by = |value: &str| {
        verify(&how, hook(&[("authorization", value)], B), &["user:pass:word".into()], at(NOW)).map(|v| v.method())
    };
    let pair = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
    assert_eq!(by(&pair("user:pass:word")), Ok("basic"));
    assert_eq!(by(&pair("user:pass:word").replace("Basic", "bAsIc")), Ok("basic"));
    for wrong in ["user:pass", "user", ":", "", "User:pass:word", "user:pass:word "] {
        assert_eq!(by(&pair(wrong)), Err(Refusal::Mismatch("user name or password")), "{wrong}");
    }
    for malformed in ["Basic", "Basic !!", "Bearer x", "user:pass:word", "é"] {
        let got = by(malformed);
        assert!(matches!(got, Err(Refusal::Malformed(..) | Refusal::Missing(_))), "{malformed}: {got:?}");
    }
    assert!(matches!(check(&how, hook(&[], B)), Err(Refusal::Missing(_))));
    let value = pair("user:pass:word");
    let doubled = hook(&[("authorization", &value), ("authorization", &value)], B);
    assert!(matches!(verify(&how, doubled, &["user:pass:word".into()], at(NOW)), Err(Refusal::Missing(_))));
    assert_eq!(verify(&how, hook(&[("authorization", &value)], B), &[], at(NOW)).unwrap_err(), Refusal::NoKey);
}

fn part(v: &Value) -> String {
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(v.to_string())
}

fn jwt(head: &Value, claims: &Value, key: &str) -> String {
    let signed = format!("{}.{}", part(head), part(claims));
    let sig = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(tag(hmac::HMAC_SHA256, key.as_bytes(), signed.as_bytes()));
    format!("{signed}.{sig}")
}

fn by_jwt(token: &str) -> Result<&'static str, Refusal> {
    let how = Verification::Jwt(Jwt { at: Locator::header("authorization"), prefix: "JWT ".into(), leeway_secs: 30 });
    check(&how, hook(&[("authorization", &format!("JWT {token}"))], B))
}

#[test]
fn a_jwt_is_ours_in_algorithm_key_and_time() {
    let head = json!({"alg": "HS256", "typ": "JWT"});
    let good = json!({"iat": NOW, "exp": NOW + 60, "iss": "jira"});
    assert_eq!(by_jwt(&jwt(&head, &good, SECRET)), Ok("jwt_hs256"));
    assert_eq!(by_jwt(&jwt(&head, &good, "another")), Err(Refusal::Mismatch("signature")));

    for (alg, signature) in [("none", ""), ("None", ""), ("RS256", "x"), ("ES256", "x"), ("HS512", "x"), ("hs256", "x")]
    {
        let made = jwt(&json!({"alg": alg, "typ": "JWT"}), &good, SECRET);
        assert_eq!(by_jwt(&made), Err(Refusal::Malformed("the token".into(), "not HS256")), "{alg}");
        let cut = format!("{}.{signature}", &made[..made.rfind('.').unwrap()]);
        assert!(by_jwt(&cut).is_err(), "{alg}");
    }
    let made = jwt(&head, &good, SECRET);
    let unsigned = format!("{}.", &made[..made.rfind('.').unwrap()]);
    assert_eq!(by_jwt(&unsigned), Err(Refusal::Mismatch("signature")));
    assert!(matches!(by_jwt(unsigned.trim_end_matches('.')), Err(Refusal::Malformed(..))), "two parts");
    assert!(matches!(by_jwt(&format!("{made}.x")), Err(Refusal::Malformed(..))), "four parts");
    assert!(matches!(by_jwt(&format!("{made}=")), Err(Refusal::Malformed(..))), "padding");
    assert!(matches!(by_jwt("..."), Err(Refusal::Malformed(..))));
    assert!(matches!(
        by_jwt(&jwt(&json!({"alg": "HS256", "crit": ["exp"]}), &good, SECRET)),
        Err(Refusal::Malformed(..))
    ));
    assert!(matches!(by_jwt(&jwt(&json!({"typ": "JWT"}), &good, SECRET)), Err(Refusal::Malformed(..))), "no algorithm");
    // Claims altered under the signature of others.
    let parts: Vec<&str> = made.split('.').collect();
    let altered = format!("{}.{}.{}", parts[0], part(&json!({"exp": NOW + 999_999})), parts[2]);
    assert_eq!(by_jwt(&altered), Err(Refusal::Mismatch("signature")));

    for (claims, ok) in [
        (json!({"exp": NOW + 1}), true),
        (json!({"exp": NOW - 29}), true),
        (json!({"exp": NOW - 31}), false),
        (json!({"exp": NOW + 60, "nbf": NOW + 30}), true),
        (json!({"exp": NOW + 60, "nbf": NOW + 31}), false),
        (json!({"exp": NOW + 60, "iat": NOW + 31}), false),
        (json!({"exp": -1}), false),
    ] {
        let got = by_jwt(&jwt(&head, &claims, SECRET));
        assert!(if ok { got.is_ok() } else { matches!(got, Err(Refusal::Stale { .. })) }, "{claims}: {got:?}");
    }
    for claims in [json!({}), json!({"iat": NOW}), json!({"exp": null}), json!({"exp": "soon"}), json!([]), json!(1)] {
        let got = by_jwt(&jwt(&head, &claims, SECRET));
        assert!(matches!(got, Err(Refusal::Malformed(..))), "{claims}: {got:?}");
    }
    let how = Verification::Jwt(Jwt { at: Locator::header("authorization"), prefix: "JWT ".into(), leeway_secs: 0 });
    let other = hook(&[("authorization", &format!("Bearer {made}"))], B);
    assert!(matches!(check(&how, other), Err(Refusal::Malformed(..))));
    assert!(matches!(check(&how, hook(&[], B)), Err(Refusal::Missing(_))));
}

#[test]
fn of_alternatives_the_first_that_is_there_decides() {
    let all = Verification::AnyOf(vec![github(), token(Locator::header("x-token"), "")]);
    let good = format!("sha256={}", hex256(SECRET, B));
    let bad = format!("sha256={}", "0".repeat(64));
    let by = |headers: &[(&str, &str)]| check(&all, hook(headers, B));
    assert_eq!(by(&[("x-hub-signature-256", &good)]), Ok("hmac_sha256"));
    assert_eq!(by(&[("x-token", SECRET)]), Ok("token"));
    assert_eq!(by(&[("x-hub-signature-256", &good), ("x-token", "wrong")]), Ok("hmac_sha256"));
    // A signature that is there and wrong is not saved by a token that is right.
    assert_eq!(by(&[("x-hub-signature-256", &bad), ("x-token", SECRET)]), Err(Refusal::Mismatch("signature")));
    assert_eq!(by(&[("x-token", "wrong")]), Err(Refusal::Mismatch("token")));
    assert_eq!(by(&[]), Err(Refusal::Missing("header `x-hub-signature-256`".into())));
    assert_eq!(check(&Verification::AnyOf(vec![]), hook(&[], B)), Err(Refusal::NoKey));

    // Nor is one that is too old.
    let stale =
        Verification::AnyOf(vec![Verification::stripe("stripe-signature"), token(Locator::header("x-token"), "")]);
    let old = format!("t=1600000000,v1={}", hex256(SECRET, &[b"1600000000.", B].concat()));
    let got = check(&stale, hook(&[("stripe-signature", &old), ("x-token", SECRET)], B));
    assert!(matches!(got, Err(Refusal::Stale { .. })), "{got:?}");

    // Two schemes may share a header: the prefix tells them apart.
    let shared = Verification::AnyOf(vec![token(Locator::header("authorization"), "Bearer "), Verification::Basic]);
    let by = |value: &str| {
        verify(&shared, hook(&[("authorization", value)], B), &["u:p".into()], at(NOW)).map(|v| v.method())
    };
    assert_eq!(by("Bearer u:p"), Ok("token"));
    assert_eq!(by("Basic dTpw"), Ok("basic"));
    assert_eq!(by("Bearer x"), Err(Refusal::Mismatch("token")));
    assert_eq!(by("Basic dTp4"), Err(Refusal::Mismatch("user name or password")));
}

#[test]
fn alternatives_hold_for_each_key_while_rotating() {
    let all = Verification::AnyOf(vec![github(), token(Locator::header("x-token"), "")]);
    let old = hook(&[("x-hub-signature-256", &format!("sha256={}", hex256("old", B)))], B);
    let keys: [Secret; 2] = ["new".into(), "old".into()];
    assert_eq!(verify(&all, old, &keys, at(NOW)).map(|v| v.key_index()), Ok(1));
}

#[test]
fn none_is_said_to_be_none() {
    let how = Verification::None { reason: "signs nothing".into(), compensation: "unguessable path".into() };
    for keys in [vec![], vec![Secret::from(SECRET)]] {
        let v = verify(&how, hook(&[], B), &keys, at(NOW)).unwrap();
        assert_eq!((v.method(), &v.inbound().body[..]), ("none", B));
    }
    // Not even as one of several is it taken for a proof of another kind.
    let any = Verification::AnyOf(vec![github(), how]);
    let bad = hook(&[("x-hub-signature-256", &format!("sha256={}", "0".repeat(64)))], B);
    assert_eq!(check(&any, bad), Err(Refusal::Mismatch("signature")));
    assert_eq!(check(&any, hook(&[], B)), Ok("none"));
}

/// <https://developers.zoom.us/docs/api/webhooks/#validate-your-webhook-endpoint>
#[test]
fn zooms_handshake_answers_with_the_tokens_hmac() {
    let handshake = Handshake {
        method: Method::POST,
        when: vec![Condition::is(Locator::body("/event"), "endpoint.url_validation")],
        proof: Proof::Verified,
        answer: Answer {
            status: 200,
            body: AnswerBody::TokenAndHmac(Locator::body("/payload/plainToken")),
            echo_header: None,
        },
        supplies_key: None,
    };
    let r = hook(&[], br#"{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}"#);
    assert!(handshake.when.iter().all(|c| c.holds(&r)));
    let answer = handshake.answer(&r, Some(&SECRET.into()));
    assert_eq!((answer.status, answer.content_type), (200, Some("application/json")));
    assert_eq!(
        serde_json::from_slice::<Value>(&answer.body).unwrap(),
        json!({
            "plainToken": "qgg8vlvZRS6UYooatFL8Aw",
            "encryptedToken": "af2b71c039092798acffde4bc073be46286db03f4d82bfac9008822d0fac2449",
        })
    );
}
