//! A vendor's OpenAPI description: reading the file, following references, and one view over its versions (2.0, 3.0, 3.1).
//!
//! What must not live here: finding an operation by a URL ([`mod@super::route`]), and judging anything.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{digest::sha256, route::Routes};
use crate::encoding::percent_decoded;

/// The methods that a path may have, as descriptions write them.
pub(super) const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// One description, parsed once.
pub(super) struct Description {
    /// The file's name, without its folder.
    pub(super) file: String,
    pub(super) title: String,
    pub(super) version: String,
    /// Where it is from, such as `npm @octokit/openapi 23.0.2`, as the caller says.
    pub(super) source: Option<String>,
    /// The description's own date, as the caller says.
    pub(super) date: Option<String>,
    /// The version of OpenAPI, such as `3.0.3`.
    pub(super) openapi: String,
    /// Whether it has no body of any request or answer, as descriptions made from lists of paths: then bodies and statuses
    /// cannot be held against it.
    pub(super) is_bare: bool,
    pub(super) routes: Routes,
    root: Value,
    bytes: Vec<u8>,
}

/// One operation of a description.
#[derive(Clone, Copy)]
pub(super) struct Operation<'d> {
    pub(super) description: &'d Description,
    /// In upper case.
    pub(super) method: &'d str,
    pub(super) path: &'d str,
    item: &'d Value,
    node: &'d Value,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    Header,
    /// A field of a form body (OpenAPI 2.0).
    Form,
    Other,
}

/// How a list is written in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// The name is repeated.
    Repeated,
    /// One text with this between the items.
    Separated(char),
    /// `name[key]`.
    Deep,
}

/// A parameter.
#[derive(Clone, Copy)]
pub(super) struct Parameter<'d> {
    pub(super) name: &'d str,
    pub(super) place: Place,
    pub(super) required: bool,
    pub(super) style: Style,
    /// Its schema; in OpenAPI 2.0 the parameter itself.
    pub(super) schema: &'d Value,
    /// Whether the text is JSON (`content` instead of `schema`).
    pub(super) is_json: bool,
    /// The vendor's words, in which some things stand that the schema cannot say.
    pub(super) words: &'d str,
}

/// What an operation takes as its body.
pub(super) enum Bodies<'d> {
    None,
    Media {
        required: bool,
        content: Vec<Media<'d>>,
    },
    /// Fields of a form (OpenAPI 2.0), which some services also take as JSON.
    Form {
        consumes: Vec<&'d str>,
        fields: Vec<Parameter<'d>>,
    },
}

/// A body in one media type.
#[derive(Clone, Copy)]
pub(super) struct Media<'d> {
    pub(super) name: &'d str,
    /// Without one anything goes.
    pub(super) schema: Option<&'d Value>,
    /// What holds `example` or `examples`.
    node: Option<&'d Value>,
}

impl Description {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read or is no OpenAPI description in JSON.
    pub(super) fn read(path: &Path, source: Option<String>, date: Option<String>) -> Result<Self> {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        let mut all = Self::parse(&name, bytes).with_context(|| path.display().to_string())?;
        (all.source, all.date) = (source, date);
        Ok(all)
    }

    /// Parses the text of a file.
    ///
    /// # Errors
    /// When it is no OpenAPI description in JSON.
    pub(super) fn parse(file: &str, bytes: Vec<u8>) -> Result<Self> {
        let root: Value = serde_json::from_slice(&bytes)
            .context("it is not JSON; a description in YAML is converted first, by any YAML tool")?;
        let text = |pointer: &str| root.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let openapi = if root.get("swagger").is_some() { text("/swagger") } else { text("/openapi") };
        if !["2.0", "3.0", "3.1"].iter().any(|v| openapi.starts_with(v)) {
            bail!("it is no OpenAPI description of version 2.0, 3.0 or 3.1");
        }
        Ok(Self {
            file: file.to_owned(),
            title: text("/info/title"),
            version: text("/info/version"),
            source: None,
            date: None,
            is_bare: is_bare(&root),
            routes: Routes::new(&root),
            openapi,
            root,
            bytes,
        })
    }

    /// The file's digest: reckoned when it is asked for, since it takes a moment.
    pub(super) fn digest(&self) -> String {
        sha256(&self.bytes)
    }

    /// Whether it is OpenAPI 2.0.
    pub(super) fn is_v2(&self) -> bool {
        self.openapi.starts_with('2')
    }

    /// What `$ref` names.
    pub(super) fn target(&self, reference: &str) -> Option<&Value> {
        self.root.pointer(&percent_decoded(reference.strip_prefix('#')?, false))
    }

    /// A node with references followed; one that leads nowhere, or in a circle, stays as it is.
    pub(super) fn resolve<'d>(&'d self, node: &'d Value) -> &'d Value {
        let mut here = node;
        for _ in 0..32 {
            let Some(reference) = here.get("$ref").and_then(Value::as_str) else { return here };
            let Some(next) = self.target(reference) else { return here };
            here = next;
        }
        here
    }

    /// The operation of a path and a method (in any case of letters), if it is described.
    pub(super) fn operation<'d>(&'d self, path: &'d str, method: &str) -> Option<Operation<'d>> {
        let item = self.resolve(self.root.get("paths")?.get(path)?);
        let (at, method) = match METHODS.iter().position(|m| m.eq_ignore_ascii_case(method)) {
            Some(i) => (METHODS.get(i)?, UPPER.get(i)?),
            None => return None,
        };
        Some(Operation { description: self, method, path, item, node: item.get(at)? })
    }
}

fn is_bare(root: &Value) -> bool {
    let paths = root.get("paths").and_then(Value::as_object).into_iter().flatten();
    let mut operations = paths.flat_map(|(_, item)| METHODS.iter().filter_map(|m| item.get(m)));
    operations.all(|o| {
        let parameters = o.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let places = parameters.filter_map(|p| p.get("in").and_then(Value::as_str));
        let responses = o.get("responses").and_then(Value::as_object).into_iter().flatten();
        let refers = |key: &str| responses.clone().any(|(_, r)| r.get(key).is_some());
        o.get("requestBody").is_none()
            && !places.clone().any(|p| p == "body" || p == "formData")
            && !["content", "schema", "$ref"].iter().any(|k| refers(k))
    })
}

/// [`METHODS`] in upper case.
const UPPER: &[&str] = &["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];

impl<'d> Operation<'d> {
    /// What the description calls it.
    pub(super) fn id(&self) -> Option<&'d str> {
        self.node.get("operationId").and_then(Value::as_str)
    }

    /// Its parameters, those of the path included.
    pub(super) fn parameters(&self) -> Vec<Parameter<'d>> {
        let mut all: Vec<Parameter<'d>> = Vec::new();
        let of = |node: &'d Value| node.get("parameters").and_then(Value::as_array).into_iter().flatten();
        // An operation's parameter stands in for the path's of the same name and place.
        for node in of(self.node).chain(of(self.item)) {
            if let Some(p) = self.parameter(self.description.resolve(node))
                && !all.iter().any(|a| a.name == p.name && a.place == p.place)
            {
                all.push(p);
            }
        }
        all
    }

    fn parameter(&self, node: &'d Value) -> Option<Parameter<'d>> {
        let text = |key: &str| node.get(key).and_then(Value::as_str).unwrap_or_default();
        let flag = |key: &str| node.get(key).and_then(Value::as_bool);
        let place = match text("in") {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            "formData" => Place::Form,
            _ => Place::Other,
        };
        let json = node.get("content").and_then(Value::as_object).and_then(|c| c.values().next());
        let schema = match (node.get("schema"), json) {
            (Some(schema), _) => schema,
            (None, Some(media)) => media.get("schema").unwrap_or(&Value::Null),
            (None, None) => node,
        };
        let style = if self.description.is_v2() {
            match text("collectionFormat") {
                "multi" => Style::Repeated,
                "ssv" => Style::Separated(' '),
                "tsv" => Style::Separated('\t'),
                "pipes" => Style::Separated('|'),
                _ => Style::Separated(','),
            }
        } else {
            let form = place == Place::Query;
            match (text("style"), flag("explode")) {
                ("deepObject", _) => Style::Deep,
                ("spaceDelimited", _) => Style::Separated(' '),
                ("pipeDelimited", _) => Style::Separated('|'),
                ("form", None | Some(true)) => Style::Repeated,
                ("", None | Some(true)) if form => Style::Repeated,
                _ => Style::Separated(','),
            }
        };
        Some(Parameter {
            name: node.get("name")?.as_str()?,
            place,
            required: flag("required").unwrap_or(false),
            style,
            schema,
            is_json: json.is_some() && node.get("schema").is_none(),
            words: text("description"),
        })
    }

    /// What it takes as its body.
    pub(super) fn bodies(&self) -> Bodies<'d> {
        if let Some(body) = self.node.get("requestBody") {
            let body = self.description.resolve(body);
            let required = body.get("required").and_then(Value::as_bool).unwrap_or(false);
            return Bodies::Media { required, content: content(body) };
        }
        if !self.description.is_v2() {
            return Bodies::None;
        }
        let consumes = self.media_types("consumes");
        let fields: Vec<Parameter<'d>> = self.parameters().into_iter().filter(|p| p.place == Place::Form).collect();
        if !fields.is_empty() {
            return Bodies::Form { consumes, fields };
        }
        let of = |node: &'d Value| node.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let all = of(self.node).chain(of(self.item)).map(|p| self.description.resolve(p));
        match all.into_iter().find(|p| p.get("in").and_then(Value::as_str) == Some("body")) {
            Some(p) => Bodies::Media {
                required: p.get("required").and_then(Value::as_bool).unwrap_or(false),
                content: consumes.into_iter().map(|name| Media { name, schema: p.get("schema"), node: None }).collect(),
            },
            None => Bodies::None,
        }
    }

    /// The statuses that it answers, as the description writes them.
    pub(super) fn statuses(&self) -> Vec<&'d str> {
        self.responses().map(|r| r.keys().map(String::as_str).collect()).unwrap_or_default()
    }

    /// What it answers with a status: that status, then its class (`4XX`); `default` is asked for by its name.
    pub(super) fn answer(&self, status: &str) -> Option<Vec<Media<'d>>> {
        let all = self.responses()?;
        let class = status.get(..1).map(|c| format!("{c}XX"));
        let found = all.get_key_value(status).or_else(|| {
            let class = class.filter(|_| status != "default")?;
            all.iter().find(|(k, _)| k.eq_ignore_ascii_case(&class))
        });
        let (_, node) = found?;
        let node = self.description.resolve(node);
        if !self.description.is_v2() {
            return Some(content(node));
        }
        let schema = node.get("schema");
        let example = |name: &str| node.get("examples").and_then(|e| e.get(name));
        let names = self.media_types("produces").into_iter().filter(|_| schema.is_some());
        Some(names.map(|name| Media { name, schema, node: example(name) }).collect())
    }

    fn responses(&self) -> Option<&'d serde_json::Map<String, Value>> {
        self.node.get("responses").and_then(Value::as_object)
    }

    /// `consumes` or `produces` of OpenAPI 2.0; JSON where nothing is said.
    fn media_types(&self, key: &str) -> Vec<&'d str> {
        let list = self.node.get(key).or_else(|| self.description.root.get(key)).and_then(Value::as_array);
        let found: Vec<&str> = list.into_iter().flatten().filter_map(Value::as_str).collect();
        if found.is_empty() { vec!["application/json"] } else { found }
    }
}

impl Media<'_> {
    /// The vendor's own examples. Some write JSON as a text.
    pub(super) fn examples(&self, doc: &Description) -> Vec<Value> {
        let Some(node) = self.node else { return Vec::new() };
        let many = node.get("examples").and_then(Value::as_object).into_iter().flatten();
        let many = many.filter_map(|(_, e)| doc.resolve(e).get("value"));
        // In OpenAPI 2.0 the node is the example itself.
        let one = if doc.is_v2() { Some(node) } else { node.get("example") };
        let parsed = |v: &Value| v.as_str().and_then(|t| serde_json::from_str(t).ok()).unwrap_or_else(|| v.clone());
        one.into_iter().chain(many).map(parsed).collect()
    }
}

fn content(node: &Value) -> Vec<Media<'_>> {
    let all = node.get("content").and_then(Value::as_object).into_iter().flatten();
    all.map(|(name, m)| Media { name, schema: m.get("schema"), node: Some(m) }).collect()
}
