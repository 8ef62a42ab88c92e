//! The law of published signatures: the suite signs webhook fixtures by the connector's own declaration, so only what the
//! vendor signed shows that the declaration is the vendor's.

use connector_core::{
    Bytes, Secret, Verification,
    webhook::{Inbound, verify},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::{
    contract::{Bench, Checks, Law},
    fixture::SignatureFixture,
};

pub(in crate::contract) fn checks(b: &Bench, out: &mut Checks) {
    let Some(w) = b.connector.webhook() else { return };
    if b.fixtures.signatures.is_empty() {
        let unsigned = matches!(w.verification, Verification::None { .. });
        // Counted in the census: a service may publish none, and a new connector has none yet.
        return out.add(Law::PublishedSignature, "webhooks", None, move |_, v| {
            if unsigned { v.require(true, String::new) } else { v.not_applicable() }
        });
    }
    for (i, f) in b.fixtures.signatures.iter().enumerate() {
        out.add(Law::PublishedSignature, "webhooks", Some(&f.stem), move |b, v| {
            if let Some(f) = b.fixtures.signatures.get(i) {
                v.check(judge(b, f).err().map(|e| format!("fixtures/{}: {e}", f.path)));
            }
        });
    }
}

fn judge(b: &Bench, f: &SignatureFixture) -> Result<(), String> {
    let webhook = b.connector.webhook().ok_or("no webhook is declared")?;
    let s = &f.signed;
    let mut headers = HeaderMap::new();
    for (name, value) in &s.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|e| e.to_string())?;
        headers.insert(name, HeaderValue::from_str(value).map_err(|e| e.to_string())?);
    }
    let request = |body: Vec<u8>| Inbound::new(Method::POST, s.url.clone(), headers.clone(), Bytes::from(body), s.now);
    let taken = |body: Vec<u8>, key: &str| verify(&webhook.verification, request(body), &[Secret::from(key)], s.now);
    let body = s.body.to_bytes();
    if let Err(refusal) = taken(body.clone(), &s.key) {
        return Err(format!(
            "what the vendor signed is refused: {refusal}; the declared verification is not the vendor's"
        ));
    }
    if taken(body.clone(), &format!("{}x", s.key)).is_ok() {
        return Err("it is taken with another key too".into());
    }
    let mut altered = body;
    match altered.first_mut() {
        Some(byte) => *byte ^= 1,
        None => altered.push(b'x'),
    }
    if taken(altered, &s.key).is_ok() {
        return Err("it is taken with an altered body too".into());
    }
    Ok(())
}
