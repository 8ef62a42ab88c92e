//! Files as values of params: given in place as base64, or named by a handle.
//!
//! What must not live here: keeping them, which is a store's.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Most bytes of one file, decoded.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// Most files of one param.
pub const MAX_FILES: usize = 8;
/// Most bytes of a file's name.
const MAX_NAME: usize = 255;
/// Most bytes of a media type, and of a handle.
const MAX_WORD: usize = 128;

/// A file as it is given and kept. Exactly one of `data` and `handle` is there.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileValue {
    /// What people call it: a name without folders; `file` if none is given.
    #[serde(default)]
    pub name: String,
    /// Its media type; `application/octet-stream` if none is given.
    #[serde(default, rename = "type")]
    pub media_type: String,
    /// Its content in base64 with padding, at most 1 MiB decoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The handle of a file that is kept already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
}

// Its content may be a secret.
impl std::fmt::Debug for FileValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileValue").field("name", &self.name).finish_non_exhaustive()
    }
}

impl FileValue {
    /// Its content; `None` for one that is named by a handle.
    pub fn content(&self) -> Option<Vec<u8>> {
        BASE64_STANDARD.decode(self.data.as_deref()?).ok()
    }
}

/// Reads one file and brings it into the form in which it is kept.
///
/// # Errors
/// Says what is wrong.
pub(super) fn read(value: &Value) -> Result<FileValue, String> {
    let mut file: FileValue = match value {
        Value::Object(_) => serde_json::from_value(value.clone())
            .map_err(|_| "must be an object with `name`, `type` and `data` (base64) or `handle`".to_owned())?,
        _ => return Err("must be an object with `name`, `type` and `data` (base64) or `handle`".to_owned()),
    };
    // Browsers of old gave whole paths.
    let name = file.name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if name.len() > MAX_NAME || name.chars().any(char::is_control) {
        return Err("has a name that is too long or holds control characters".to_owned());
    }
    file.name = if name.is_empty() { "file".to_owned() } else { name.to_owned() };
    let kind = file.media_type.trim().to_ascii_lowercase();
    let word = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    let known = kind.split_once('/').is_some_and(|(a, b)| word(a) && word(b)) && kind.len() <= MAX_WORD;
    if !kind.is_empty() && !known {
        return Err("has a `type` that is no media type, such as text/plain".to_owned());
    }
    file.media_type = if kind.is_empty() { "application/octet-stream".to_owned() } else { kind };
    match (&file.data, &file.handle) {
        (Some(data), None) => {
            let data: String = data.split_ascii_whitespace().collect();
            if data.len() > MAX_FILE_BYTES.div_ceil(3) * 4 {
                return Err(too_large());
            }
            let content = BASE64_STANDARD.decode(&data).map_err(|_| "has `data` that is not valid base64".to_owned())?;
            if content.len() > MAX_FILE_BYTES {
                return Err(too_large());
            }
            if content.is_empty() {
                return Err("is an empty file".to_owned());
            }
            file.data = Some(data);
        }
        (None, Some(handle)) => {
            let ok = (1..=MAX_WORD).contains(&handle.len()) && handle.bytes().all(|b| b.is_ascii_graphic());
            if !ok {
                return Err("has a `handle` that is none".to_owned());
            }
        }
        _ => return Err("must have exactly one of `data` and `handle`".to_owned()),
    }
    Ok(file)
}

pub(super) fn too_large() -> String {
    format!("must have at most {} KiB", MAX_FILE_BYTES >> 10)
}

/// The schema of a param that takes files.
pub(super) fn schema() -> Map<String, Value> {
    let one = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": MAX_NAME},
            "type": {"type": "string", "maxLength": MAX_WORD},
            "data": {"type": "string", "contentEncoding": "base64"},
            "handle": {"type": "string", "maxLength": MAX_WORD},
        },
        "oneOf": [{"required": ["data"]}, {"required": ["handle"]}],
        "additionalProperties": false,
    });
    let list = json!({"type": "array", "items": one, "minItems": 1, "maxItems": MAX_FILES});
    list.as_object().cloned().unwrap_or_default()
}
