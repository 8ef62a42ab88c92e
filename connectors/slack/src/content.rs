//! The rule that all messages share: there is something in them, said in one way.

use connector_core::{Error, FieldError, Result};
use serde_json::{Map, Value};

/// What a message says, as its action got it.
#[derive(Default)]
pub(crate) struct Content<'a> {
    /// Text in Slack's markup.
    pub(crate) text: Option<&'a str>,
    /// Block Kit blocks.
    pub(crate) blocks: Option<&'a [Map<String, Value>]>,
    /// Legacy attachments.
    pub(crate) attachments: Option<&'a [Map<String, Value>]>,
    /// Text in Markdown.
    pub(crate) markdown_text: Option<&'a str>,
}

impl Content<'_> {
    /// Something must be said, and Markdown goes neither with text nor with blocks.
    pub(crate) fn check(&self) -> Result<()> {
        let said = |t: Option<&str>| t.is_some_and(|t| !t.trim().is_empty());
        let filled = |l: Option<&[Map<String, Value>]>| l.is_some_and(|l| !l.is_empty());
        let (text, blocks, markdown) = (said(self.text), filled(self.blocks), said(self.markdown_text));
        if !(text || blocks || markdown || filled(self.attachments)) {
            return Err(Error::invalid_input(vec![FieldError::new(
                "/text",
                "the message is empty: give text, or blocks, attachments or markdown_text where the action has them",
            )]));
        }
        if markdown && (text || blocks) {
            return Err(Error::invalid_input(vec![FieldError::new(
                "/markdown_text",
                "goes neither with text nor with blocks; give one of them",
            )]));
        }
        Ok(())
    }
}
