//! The healthy connector's fixtures, and ways to spoil them.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};

/// Fixture files by path below `fixtures/`.
pub(crate) struct Files(BTreeMap<String, String>);

impl Files {
    pub(crate) fn healthy() -> Self {
        let mut files = Self(BTreeMap::new());
        let origin = json!({"kind": "doc-derived", "source": "https://docs.widgets.example/api", "date": "2026-01-31"});
        let request = json!({
            "method": "POST",
            "url": "https://api.widgets.example/v1/widgets",
            "headers": {"authorization": "Bearer {{secret.api_token}}", "x-widgets-version": "2026-01-01"},
            "json": {"name": "left", "size": 3}
        });
        let call = |response: Value, expect: Value| {
            json!({
                "origin": origin, "input": {"name": "left", "size": 3},
                "exchanges": [{"request": request, "response": response}], "expect": expect,
            })
        };
        let created =
            json!({"ok": true, "widget": {"id": "w_1", "name": "left", "tags": ["a"], "maker": {"id": "m_1"}}});
        files.put(
            "actions/create_widget/success.json",
            call(json!({"status": 200, "json": created}), json!({"output": {"id": "w_1", "name": "left"}})),
        );
        files.put(
            "actions/create_widget/error__taken.json",
            call(
                json!({"status": 200, "json": {"ok": false, "error": "name_taken"}}),
                json!({"error": {"kind": "conflict", "retry": "never", "code": "name_taken", "fields": ["/name"]}}),
            ),
        );
        files.put(
            "actions/create_widget/error__auth.json",
            call(
                json!({"status": 401, "json": {"message": "no"}}),
                json!({"error": {"kind": "auth", "retry": "never"}}),
            ),
        );
        files.put(
            "actions/create_widget/rate_limited.json",
            call(
                json!({"status": 429, "headers": {"retry-after": "30"}, "json": {"message": "slow down"}}),
                json!({"error": {"kind": "rate_limited", "retry": "safe", "after": 30}}),
            ),
        );
        files.put(
            "webhooks/widget.json",
            json!({
                "origin": origin,
                "headers": {"x-widgets-delivery": "d_1"},
                "json": {"type": "widget.made", "team": "t_1", "widget": {"id": "w_1", "name": "left"}},
                "expect": {
                    "event_type": "widget.made", "trigger": "widget_made", "delivery_id": "d_1", "subject": "w_1",
                    "identity": {"team": "t_1"}, "ack": {"status": 202, "trace": true}
                }
            }),
        );
        files.put(
            "webhooks/challenge.json",
            json!({
                "origin": origin,
                "json": {"type": "challenge", "challenge": "abc"},
                "expect": {"handshake": {"status": 200, "body": "abc"}}
            }),
        );
        files
    }

    pub(crate) fn put(&mut self, path: &str, content: Value) {
        self.0.insert(path.to_owned(), content.to_string());
    }

    pub(crate) fn remove(&mut self, path: &str) {
        self.0.remove(path).unwrap();
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        serde_json::from_str(&self.0[path]).unwrap()
    }

    pub(crate) fn edit(&mut self, path: &str, f: impl FnOnce(&mut Value)) {
        let mut v = self.get(path);
        f(&mut v);
        self.put(path, v);
    }

    /// All files of actions.
    pub(crate) fn edit_actions(&mut self, f: impl Fn(&mut Value)) {
        let paths: Vec<String> = self.0.keys().filter(|p| p.starts_with("actions/")).cloned().collect();
        paths.iter().for_each(|p| self.edit(p, &f));
    }

    /// The healthy set with one spoilt.
    pub(crate) fn with(path: &str, f: impl FnOnce(&mut Value)) -> Self {
        let mut files = Self::healthy();
        files.edit(path, f);
        files
    }

    pub(crate) fn write(&self, dir: &Path) {
        for (path, text) in &self.0 {
            let file = dir.join("fixtures").join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
    }
}
