//! Bringing stored values to a connector's present params.
//!
//! What must not live here: storing them again, and what one connector changed, which is its [`MigrateFn`](super::MigrateFn).

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Map, Value};

use crate::{
    connector::Connector,
    error::{Error, FieldError, Result},
};

impl Connector {
    /// The values of a connection that were cleaned by version `from` of the params, as the present version has them; `None`
    /// when they are of the present version already. `set` names the secrets that the connection has.
    ///
    /// # Errors
    /// `Misconfigured` in words for the connection's owner: with every field that must be filled in again, or because the
    /// values are of a newer version than this connector knows.
    pub fn migrate_values(
        &self,
        from: u32,
        values: &Map<String, Value>,
        set: &[&str],
    ) -> Result<Option<Map<String, Value>>> {
        let to = self.info().params_version;
        if from == to {
            return Ok(None);
        }
        let error = |text: String| Error::misconfigured(text).with_connector(self.id().to_owned());
        if from > to {
            return Err(error(format!(
                "the connection was saved by a newer version of the connector `{}` (its params have version {from}, this \
                 gateway knows up to {to}): use that version of the gateway, or save the connection again",
                self.id()
            )));
        }
        let again = |fields: &[FieldError]| {
            let list: Vec<String> = fields.iter().map(in_words).collect();
            let text = "the connector's params have changed since the connection was saved, and it must be saved again";
            error(format!("{text}: {}", list.join("; "))).with_fields(fields.iter().cloned())
        };
        let mut moved = values.clone();
        if let Some(migrate) = self.migrate() {
            match catch_unwind(AssertUnwindSafe(|| migrate(from, &mut moved))) {
                Ok(done) => done.map_err(|fields| again(&fields))?,
                Err(_) => return Err(error("the connector could not read the connection's values: save it again".into())),
            }
        }
        let cleaned = self.clean_params(&moved, set).map_err(|e| again(e.fields()))?;
        Ok(Some(cleaned.values))
    }
}

fn in_words(f: &FieldError) -> String {
    match f.pointer.trim_start_matches('/') {
        "" => f.message.clone(),
        field => format!("`{field}` {}", f.message),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::{
        ErrorKind, ParamInfo, ParamSpec,
        action::{BoxFuture, Invoke},
        cx::Cx,
        info::ActionInfo,
    };

    struct Nothing(Arc<ActionInfo>);

    impl Invoke for Nothing {
        fn info(&self) -> &Arc<ActionInfo> {
            &self.0
        }
        fn invoke<'a>(&'a self, _: &'a Cx, _: Value) -> BoxFuture<'a, Result<Value>> {
            Box::pin(async { Ok(Value::Null) })
        }
    }

    /// Version 2 renamed `host` to `site`; version 3 asks for a region, which only a person knows, unless the site tells.
    fn migrate(from: u32, values: &mut Map<String, Value>) -> std::result::Result<(), Vec<FieldError>> {
        assert_ne!(values.get("host"), Some(&json!("panic")), "a bug of the connector");
        if from < 2
            && let Some(host) = values.remove("host")
        {
            values.insert("site".into(), host);
        }
        if values["site"] == "https://eu.acme.example" {
            values.insert("region".into(), json!("eu"));
        }
        Ok(())
    }

    fn acme() -> Connector {
        let params = [
            ParamSpec::new("site", "Site").url(),
            ParamSpec::new("region", "Region"),
            ParamSpec::new("limit", "Limit").data(crate::DataType::Int).default("5"),
            ParamSpec::secret("token", "Token"),
        ];
        let info = Arc::new(ActionInfo::new("acme", "nothing", json!({"type": "object"}), json!({})));
        params
            .iter()
            .fold(Connector::builder("acme", "Acme"), |b, p| b.param(ParamInfo::from(p)))
            .params_version(3, migrate)
            .action(Arc::new(Nothing(info)))
            .build()
            .unwrap()
    }

    fn values(v: Value) -> Map<String, Value> {
        v.as_object().unwrap().clone()
    }

    #[test]
    fn values_of_an_older_version_are_brought_to_the_present_one() {
        let old = values(json!({"host": "https://EU.acme.example/"}));
        let e = acme().migrate_values(1, &old, &["token"]).unwrap_err();
        assert_eq!(e.fields().iter().map(|f| f.pointer.as_str()).collect::<Vec<_>>(), ["/region"]);
        let old = values(json!({"host": "https://eu.acme.example"}));
        let now = acme().migrate_values(1, &old, &["token"]).unwrap().unwrap();
        assert_eq!(Value::Object(now), json!({"site": "https://eu.acme.example", "region": "eu", "limit": 5}));
        assert_eq!(acme().migrate_values(3, &values(json!({})), &[]).unwrap(), None);
    }

    #[test]
    fn what_is_missing_is_named_and_nothing_else() {
        let old = values(json!({"site": "https://us.acme.example"}));
        let e = acme().migrate_values(2, &old, &[]).unwrap_err();
        assert_eq!(e.kind(), ErrorKind::Misconfigured);
        assert_eq!(e.fields().iter().map(|f| f.pointer.as_str()).collect::<Vec<_>>(), ["/region", "/token"]);
        assert!(e.caller_text().contains("`region` is required; `token` is required"), "{e}");
        assert!(!e.caller_text().contains("us.acme"));
    }

    #[test]
    fn a_newer_version_is_refused_in_words() {
        let e = acme().migrate_values(4, &values(json!({})), &[]).unwrap_err();
        assert_eq!((e.kind(), e.connector()), (ErrorKind::Misconfigured, Some("acme")));
        assert!(e.caller_text().contains("version 4, this gateway knows up to 3"), "{e}");
    }

    #[test]
    fn a_migration_that_panics_is_an_error() {
        let e = acme().migrate_values(1, &values(json!({"host": "panic"})), &[]).unwrap_err();
        assert!(e.caller_text().contains("save it again"));
    }
}
