//! The law of auth methods: what they name is there, and their addresses go where they should.

use std::collections::BTreeSet;

use connector_core::{
    AuthMethod, ParamInfo,
    auth::{Grant, OAuth2, Revocation, template},
    connector::is_id,
};
use serde_json::{Map, Value};

use crate::{
    contract::{Bench, Checks, Law, Verdict},
    values::TestValues,
};

pub(in crate::contract) fn checks(_: &Bench, out: &mut Checks) {
    out.add(Law::AuthMethods, "spec", None, methods);
}

fn methods(b: &Bench, v: &mut Verdict) {
    let info = b.connector.info();
    if info.auth.is_empty() {
        return v.not_applicable();
    }
    let mut seen = BTreeSet::new();
    for m in &info.auth {
        let id = &m.id;
        v.require(is_id(id), || format!("auth method `{id}` is not lower_snake_case"));
        v.require(seen.insert(id), || format!("auth method `{id}` is declared twice"));
        v.require(!m.label.trim().is_empty(), || format!("auth method `{id}` has no label"));
        let ends = m.description.trim_end().ends_with('.');
        v.require(ends, || format!("auth method `{id}`: the description is missing or no sentence"));
        Judge { b, m }.all(v);
    }
}

struct Judge<'a> {
    b: &'a Bench,
    m: &'a AuthMethod,
}

fn find<'a>(params: &'a [ParamInfo], id: &str) -> Option<&'a ParamInfo> {
    params.iter().find(|p| p.id == id)
}

impl Judge<'_> {
    fn all(&self, v: &mut Verdict) {
        let (info, id) = (self.b.connector.info(), &self.m.id);
        for p in &self.m.params {
            v.require(find(&info.params, p).is_some(), || {
                format!("auth method `{id}`: the connection has no param `{p}`")
            });
        }
        for p in &self.m.app_params {
            v.require(find(&info.app_params, p).is_some(), || {
                format!("auth method `{id}`: the app has no param `{p}`")
            });
        }
        for p in self.m.fills() {
            let secret = find(&info.params, p).is_some_and(ParamInfo::is_secret);
            v.require(secret, || format!("auth method `{id}` fills `{p}`, which is no secret param of the connection"));
            v.require(!self.m.params.iter().any(|asked| asked == p), || {
                format!("auth method `{id}` fills `{p}` and asks a person for it too")
            });
        }
        // What a required param holds must come from somewhere.
        for p in info.params.iter().filter(|p| p.is_secret() && p.is_required()) {
            let comes = self.m.params.contains(&p.id) || self.m.fills().contains(&p.id.as_str());
            v.require(comes, || {
                format!("auth method `{id}` neither asks for nor fills the required secret `{}`", p.id)
            });
        }
        match &self.m.grant {
            Grant::Given => {
                let asks = self.m.params.iter().any(|p| find(&info.params, p).is_some_and(ParamInfo::is_secret));
                v.require(asks, || format!("auth method `{id}` has no grant and asks for no secret"));
            }
            Grant::Installation(i) => {
                self.app_secret(v, &i.jwt.key_param);
                self.app_value(v, &i.jwt.issuer_param);
                self.address(v, &i.token_url);
                self.address(v, i.install_url.as_deref().unwrap_or_default());
                for pointer in [&i.token, &i.expires_at] {
                    self.pointer(v, pointer);
                }
            }
            grant => {
                if let Grant::JwtBearer { jwt, .. } = grant {
                    self.app_secret(v, &jwt.key_param);
                    self.app_value(v, &jwt.issuer_param);
                }
                if let Some(oauth) = grant.oauth() {
                    self.oauth(v, oauth);
                }
            }
        }
    }

    fn oauth(&self, v: &mut Verdict, o: &OAuth2) {
        let id = &self.m.id;
        if !matches!(self.m.grant, Grant::JwtBearer { .. }) {
            self.app_value(v, &o.client_id_param);
        }
        if let Some(secret) = &o.client_secret_param {
            self.app_secret(v, secret);
        }
        match &self.m.grant {
            Grant::AuthorizationCode(_) => {
                v.require(!o.authorize_url.is_empty(), || format!("auth method `{id}` says not where people consent"));
            }
            Grant::DeviceCode(_) => {
                v.require(o.device_url.is_some(), || {
                    format!("auth method `{id}` says not where device codes come from")
                });
            }
            _ => {}
        }
        v.require(!o.takes.is_empty(), || format!("auth method `{id}` takes no token"));
        let revoke = match &o.revocation {
            Revocation::Unsupported { instead } => {
                v.require(!instead.trim().is_empty(), || {
                    format!(
                        "auth method `{id}`: tokens are not taken back, and nothing says what a person does instead"
                    )
                });
                ""
            }
            Revocation::Rfc7009 { url } | Revocation::Bearer { url, .. } | Revocation::ClientBasic { url } => url,
            _ => "",
        };
        for url in [&o.authorize_url, &o.token_url, o.device_url.as_ref().unwrap_or(&o.token_url)] {
            self.address(v, url);
        }
        self.address(v, revoke);
        self.address(v, o.issuer.as_deref().unwrap_or_default());
        let pointers = o.takes.iter().chain(&o.identity).chain(&o.values).map(|(pointer, _)| pointer);
        for pointer in pointers.chain([&o.refresh_token, &o.expires_in, &o.granted_scopes]) {
            self.pointer(v, pointer);
        }
        let params = &self.b.connector.info().params;
        let filled = o.values.iter().map(|(_, param)| param).chain(o.site_choice.as_ref().map(|s| &s.param));
        for param in filled {
            let plain = find(params, param).is_some_and(|p| !p.is_secret());
            v.require(plain, || {
                format!("auth method `{id}` fills `{param}`, which is no plain param of the connection")
            });
        }
        if let Some(sites) = &o.site_choice {
            self.address(v, &sites.url);
            v.require(sites.value.contains("{id}"), || {
                format!("auth method `{id}`: the chosen site's id goes nowhere")
            });
        }
    }

    fn app_value(&self, v: &mut Verdict, param: &str) {
        let info = self.b.connector.info();
        let plain = find(&info.app_params, param).or_else(|| find(&info.params, param)).is_some_and(|p| !p.is_secret());
        v.require(plain, || format!("auth method `{}` needs `{param}`, which is no plain param of the app", self.m.id));
    }

    fn app_secret(&self, v: &mut Verdict, param: &str) {
        let info = self.b.connector.info();
        let secret =
            find(&info.app_params, param).or_else(|| find(&info.params, param)).is_some_and(ParamInfo::is_secret);
        v.require(secret, || {
            format!("auth method `{}` needs `{param}`, which is no secret param of the app", self.m.id)
        });
    }

    fn pointer(&self, v: &mut Verdict, pointer: &str) {
        let ok = pointer.starts_with('/');
        v.require(ok, || format!("auth method `{}`: `{pointer}` is no JSON pointer", self.m.id));
    }

    /// An address fills with the test's values, is https, and its host is fixed or the connection's own.
    fn address(&self, v: &mut Verdict, text: &str) {
        if text.is_empty() {
            return;
        }
        let (info, id) = (self.b.connector.info(), &self.m.id);
        for param in template::params(text) {
            let plain =
                find(&info.params, param).or_else(|| find(&info.app_params, param)).is_some_and(|p| !p.is_secret());
            v.require(plain, || format!("auth method `{id}`: `{param}` in `{text}` is no plain param"));
        }
        let (values, _) = TestValues::of(&self.b.connector, &Map::new());
        let mut all = values.values;
        for p in info.params.iter().chain(&info.app_params).filter(|p| !p.is_secret()) {
            all.entry(&p.id).or_insert_with(|| p.example.clone().unwrap_or_else(|| Value::from("1")));
        }
        match template::fill(text, &all, &Map::new()) {
            Ok(url) => v.require(url.scheme() == "https", || format!("auth method `{id}`: `{text}` is not https")),
            Err(e) => v.require(false, || format!("auth method `{id}`: `{text}` does not fill: {e}")),
        }
    }
}
