//! What an app signs to say who it is (RFC 7519): RS256 with a key in PEM, by ring.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use connector_core::{Error, FieldError, Result, Secret, auth::Jwt};
use jiff::Timestamp;
use ring::{rand::SystemRandom, rsa::KeyPair, signature};
use serde_json::{Map, Value, json};

use crate::{Party, consent::random};

/// How far a service's clock may be behind ours.
const SKEW_SECS: i64 = 60;

/// Signs who the app is. `audience`: where nothing else is declared.
pub(crate) async fn signed(
    party: &Party,
    jwt: &Jwt,
    audience: Option<&str>,
    scope: Option<&str>,
    now: Timestamp,
) -> Result<Secret> {
    let mut claims = Map::new();
    claims.insert("iss".into(), party.text(&jwt.issuer_param)?.into());
    if let Some(subject) = &jwt.subject_param {
        claims.insert("sub".into(), party.text(subject)?.into());
    }
    let declared = jwt.audience.as_deref().map(|a| party.address(a)).transpose()?;
    if let Some(audience) = declared.as_ref().map(|u| u.as_str().trim_end_matches('/')).or(audience) {
        claims.insert("aud".into(), audience.into());
    }
    if let Some(scope) = scope.filter(|s| !s.is_empty()) {
        claims.insert("scope".into(), scope.into());
    }
    let issued = now.as_second().saturating_sub(SKEW_SECS);
    claims.insert("iat".into(), issued.into());
    claims.insert("exp".into(), issued.saturating_add(jwt.ttl_secs.into()).into());
    claims.insert("jti".into(), random(16)?.as_str().into());
    let key = party.secrets.secret(&jwt.key_param).await.map_err(|e| party.name(e))?;
    sign(&key, &Value::Object(claims)).map_err(|why| {
        let text = format!("the app's `{}` {why}", jwt.key_param);
        party.name(Error::misconfigured(text).with_fields([FieldError::new(format!("/{}", jwt.key_param), why)]))
    })
}

fn sign(key: &Secret, claims: &Value) -> Result<Secret, &'static str> {
    let pair = key_pair(key)?;
    let part = |v: &Value| BASE64_URL_SAFE_NO_PAD.encode(v.to_string());
    let mut token = format!("{}.{}", part(&json!({"alg": "RS256", "typ": "JWT"})), part(claims));
    let mut made = vec![0; pair.public().modulus_len()];
    pair.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut made)
        .map_err(|_| "does not sign: it is damaged; paste it again")?;
    token.push('.');
    token.push_str(&BASE64_URL_SAFE_NO_PAD.encode(made));
    Ok(Secret::from(token))
}

fn key_pair(key: &Secret) -> Result<KeyPair, &'static str> {
    const FORM: &str = "is not an RSA private key in PEM; paste the whole file, from `-----BEGIN` to `-----END`";
    let text = key.expose_str().ok_or(FORM)?;
    let (label, rest) = text.split_once("-----BEGIN ").and_then(|(_, t)| t.split_once("-----")).ok_or(FORM)?;
    let (body, _) = rest.split_once("-----END").ok_or(FORM)?;
    // One-line fields swallow line breaks, environment variables carry them as two characters.
    let plain = zeroize::Zeroizing::new(body.replace("\\n", "").split_whitespace().collect::<String>());
    let der = zeroize::Zeroizing::new(BASE64_STANDARD.decode(plain.as_bytes()).map_err(|_| FORM)?);
    let pair = match label {
        "RSA PRIVATE KEY" => KeyPair::from_der(&der),
        "PRIVATE KEY" => KeyPair::from_pkcs8(&der),
        _ => return Err(FORM),
    };
    pair.map_err(|_| "is no RSA key of 2048 to 4096 bits; paste the key that the service gave")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    const PKCS1: &str = include_str!("../tests/key-pkcs1.pem");
    const PKCS8: &str = include_str!("../tests/key-pkcs8.pem");

    #[test]
    fn keys_are_read_however_they_were_pasted() {
        let one_line = PKCS1.replace('\n', " ");
        let escaped = PKCS8.replace('\n', "\\n");
        let swallowed = PKCS8.replace('\n', "");
        let claims = json!({"iss": "1"});
        let made: Vec<String> = [PKCS1, PKCS8, &one_line, &escaped, &swallowed]
            .into_iter()
            .map(|pem| sign(&Secret::from(pem), &claims).ok().unwrap().expose_str().unwrap().to_owned())
            .collect();
        assert!(made.iter().all(|t| t == &made[0] && t.split('.').count() == 3));
        let public = key_pair(&Secret::from(PKCS1)).ok().unwrap().public().as_ref().to_vec();
        let (text, signed) = made[0].rsplit_once('.').unwrap();
        let key = signature::UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, public);
        key.verify(text.as_bytes(), &BASE64_URL_SAFE_NO_PAD.decode(signed).unwrap()).unwrap();
        for bad in ["", "CANARY", "-----BEGIN PRIVATE KEY-----!-----END PRIVATE KEY-----", &PKCS8.replace("PRIVATE", "PUBLIC")] {
            assert!(!sign(&Secret::from(bad), &claims).err().unwrap().contains("CANARY"));
        }
    }
}
