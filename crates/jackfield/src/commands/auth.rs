//! How connections' credentials are.

use anyhow::Result;
use connector_core::Method;
use serde_json::json;

use super::{Session, values};
use crate::output;

pub(super) async fn auth(s: &Session, id: &str, refresh: bool) -> Result<()> {
    let at = format!("/v1/connections/{}/auth", values::segment(id));
    let v = match refresh {
        true => s.backend.send(Method::POST, &format!("{at}/refresh"), Some(json!({}))).await?,
        false => s.backend.get(&at).await?,
    };
    s.show(&v, |v| {
        let field = |p: &str| output::cell(v.pointer(p));
        if v.get("state").is_none() {
            let text = match v.get("method") {
                Some(_) => "the credentials were typed in, or there are none yet",
                None => "the credentials were typed in: `jackfield connections check` tells whether they work",
            };
            output::note(text);
        }
        output::record(&[
            ("method", field("/method")),
            ("state", field("/state")),
            ("reason", field("/reason")),
            ("since", field("/since")),
            ("token given", field("/obtained_at")),
            ("token ends", field("/expires_at")),
            ("next try", field("/not_before")),
            ("scopes", field("/scopes")),
            ("missing scopes", field("/missing_scopes")),
            ("flows", field("/affected/flows")),
            ("triggers", field("/affected/triggers")),
        ]);
    });
    Ok(())
}
