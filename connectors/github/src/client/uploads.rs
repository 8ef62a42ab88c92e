//! Where release assets are uploaded: another host than the API's, which the release itself names.

use connector_core::{Cx, Error, FieldError, Method, Request, Result, request::parse_url};

/// A request to the upload address of a release, from its `upload_url`, a URI template such as
/// `https://uploads.github.com/repos/o/r/releases/1/assets{?name,label}`.
///
/// The server that got the token chose this address, so nobody else can. Still the token goes only where that server's
/// uploads are known to be: on the very host of the API (GitHub Enterprise Server), or on `uploads.` where the API is on
/// `api.` (github.com, GHE.com). An answer that somebody wrote on the way, or a server that believes to be called
/// otherwise, must not send it elsewhere. That the host is also among the declared ones is the transport's to see.
pub(crate) fn request(cx: &Cx, template: &str) -> Result<Request> {
    let plain = template.split_once('{').map_or(template, |(before, _)| before);
    let target = parse_url(plain).map_err(|_| Error::protocol("the release's upload_url is no URL"))?;
    let base = parse_url(cx.param("base_url")?)?;
    let near = (target.scheme(), target.port_or_known_default()) == (base.scheme(), base.port_or_known_default());
    if !near || !belongs(target.host_str().unwrap_or_default(), base.host_str().unwrap_or_default()) {
        let why = "is not the address that the server itself goes by: it wants files on another host; give the address \
                   that its own links have";
        return Err(Error::misconfigured(format!("the connection's `base_url` {why}"))
            .with_operator(format!("upload_url is on {}", target.origin().ascii_serialization()))
            .with_fields([FieldError::new("/base_url", why)]));
    }
    super::with_headers(Request::new(Method::POST, target.as_str())?, super::JSON)
}

fn belongs(upload: &str, api: &str) -> bool {
    upload == api || api.strip_prefix("api.").is_some_and(|rest| upload.strip_prefix("uploads.") == Some(rest))
}

#[cfg(test)]
mod tests {
    use connector_core::ErrorKind;
    use connector_testkit::canned::cx;
    use serde_json::json;

    use super::request;

    fn host(base: &str, template: &str) -> Result<String, ErrorKind> {
        let (cx, _) = cx(&crate::CONNECTOR, json!({"base_url": base}), Vec::new());
        request(&cx, template).map(|r| r.url().map(ToString::to_string).unwrap_or_default()).map_err(|e| e.kind())
    }

    #[test]
    fn the_token_goes_only_to_the_same_service() {
        let path = "/repos/o/r/releases/1/assets";
        for (base, upload) in [
            ("https://api.github.com", "https://uploads.github.com"),
            ("https://api.octo.ghe.com", "https://uploads.octo.ghe.com"),
            ("https://ghes.example.com/api/v3", "https://ghes.example.com/api/uploads"),
            ("https://ghes.example.com:8443/api/v3", "https://ghes.example.com:8443/api/uploads"),
        ] {
            assert_eq!(host(base, &format!("{upload}{path}{{?name,label}}")), Ok(format!("{upload}{path}")), "{base}");
        }
        for (base, upload) in [
            ("https://api.github.com", "https://uploads.github.com.evil.example"),
            ("https://api.github.com", "https://uploads.evil.example"),
            ("https://api.github.com", "http://uploads.github.com"),
            ("https://api.github.com", "https://uploads.github.com:8443"),
            ("https://api.octo.ghe.com", "https://uploads.other.ghe.com"),
            ("https://github.com", "https://uploads.github.com"),
            ("https://ghes.example.com/api/v3", "https://uploads.ghes.example.com"),
        ] {
            assert_eq!(
                host(base, &format!("{upload}{path}{{?name,label}}")),
                Err(ErrorKind::Misconfigured),
                "{upload}"
            );
        }
        for bad in ["", "/relative", "https://user:pass@uploads.github.com/"] {
            assert_eq!(host("https://api.github.com", bad), Err(ErrorKind::Protocol), "{bad}");
        }
    }
}
