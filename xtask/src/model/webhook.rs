//! What a connector's `src/webhook.rs` says about where things stand in a request, read as text.

use std::{fs, path::Path};

use crate::text::{Source, Token};

/// Where in a request something stands, as `src/webhook.rs` says it with a locator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A header, lower case.
    Header(String),
    /// A JSON pointer into the body.
    Body(String),
    /// A form field.
    Form(String),
}

/// What can be read from the text of a connector's `src/webhook.rs`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct WebhookText {
    /// Where the delivery id stands, in order of preference.
    pub(crate) delivery_id: Vec<Place>,
    /// Where the event type stands, for a webhook that is read by data; empty if code reads it.
    pub(crate) event_type: Vec<Place>,
}

impl WebhookText {
    /// `None` when there is no such file.
    pub(crate) fn read(root: &Path, connector: &str) -> Option<Self> {
        let text = fs::read_to_string(root.join(format!("connectors/{connector}/src/webhook.rs"))).ok()?;
        Some(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let source = Source::parse(text);
        let ids = source.find(".delivery_id(Locator::_(").filter_map(|i| place(source.tokens.get(i + 3..)?));
        let mut event_type = Vec::new();
        if let Some(start) = source.find("event_type: vec![").next() {
            let list = source.tokens.get(start + 5..).unwrap_or_default();
            let end = list.iter().position(|t| *t == Token::Punct(']')).unwrap_or(0);
            let list = list.get(..end).unwrap_or_default();
            event_type = (0..list.len()).filter_map(|i| place(list.get(i..)?)).collect();
        }
        Self { delivery_id: ids.collect(), event_type }
    }
}

/// The `Locator::<way>("<place>"` that these tokens begin with.
fn place(tokens: &[Token]) -> Option<Place> {
    let [locator, Token::Punct(':'), Token::Punct(':'), Token::Word(way), Token::Punct('('), Token::Str(at), ..] =
        tokens
    else {
        return None;
    };
    if !locator.is_word("Locator") {
        return None;
    }
    match way.as_str() {
        "header" | "Header" => Some(Place::Header(at.to_ascii_lowercase())),
        "body" | "Body" => Some(Place::Body(at.clone())),
        "Form" => Some(Place::Form(at.clone())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_says_where_things_stand() {
        let w = WebhookText::parse(
            r#"Reader::Data { event_type: vec![Locator::header("X-Kind"), Locator::body("/action")], subject: None })
               .delivery_id(Locator::header("X-Id")).delivery_id(Locator::Form("id".to_owned()))"#,
        );
        assert_eq!(w.event_type, [Place::Header("x-kind".into()), Place::Body("/action".into())]);
        assert_eq!(w.delivery_id, [Place::Header("x-id".into()), Place::Form("id".into())]);
        assert_eq!(WebhookText::parse("Reader::Function(read)"), WebhookText::default());
    }
}
