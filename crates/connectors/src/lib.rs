//! Typed connectors, chosen by Cargo features: the one crate that applications depend on.
//!
//! ```toml
//! [dependencies]
//! connectors = { version = "0.1", features = ["slack", "github"] }
//! connector-http = "0.1" # the guarded transport; or bring your own `Transport`
//! ```
//!
//! Every connector is a feature of its id and none is on by default: nothing compiles that you did not choose. `full`
//! brings all. Features only add; [`KNOWN`] lists them, and so does `catalog.json` beside this crate's manifest.
//!
//! # Call an action
//!
//! Input and output are types of the action's module. The connector does no I/O of its own: it gets transport and clock
//! from you, and secrets by the ids of its params, put in their places at the last moment.
//!
//! ```
//! # #[cfg(feature = "slack")]
//! # mod example {
//! use std::sync::Arc;
//!
//! use connectors::{
//!     core::{Result, SecretMap, Transport, transport::Clock},
//!     slack::actions::{ChatPostMessage, chat_post_message},
//! };
//! use serde_json::Map;
//!
//! pub async fn announce(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>, token: String) -> Result<String> {
//!     let slack = connectors::registry().get("slack")?;
//!     // The settings that your user gave: checked, with defaults filled in.
//!     let settings = slack.clean_params(&Map::new(), &[])?;
//!     let secrets = SecretMap::new().with("bot_token", token);
//!     let cx = slack.cx(settings.values, transport, clock).secrets(Arc::new(secrets)).build();
//!
//!     let posted = cx
//!         .call::<ChatPostMessage>(chat_post_message::Input {
//!             channel: "C024BE91L".into(),
//!             text: Some("Hello".into()),
//!             ..Default::default()
//!         })
//!         .await?;
//!     Ok(posted.ts)
//! }
//! # }
//! # fn main() {}
//! ```
//!
//! By name, with JSON in and out, and the input checked against the action's schema:
//! [`Connector::call`](core::Connector::call).
//!
//! # Receive an event
//!
//! What reads a webhook only ever gets a request that was verified. Errors are of one kind for all services.
//!
//! ```
//! # #[cfg(feature = "github")]
//! # mod example {
//! use connectors::{
//!     core::{Error, ErrorKind, Result, Secret, Timestamp, webhook::{Inbound, verify}},
//!     github::triggers::issues,
//! };
//!
//! pub fn opened(request: Inbound, secret: Secret, now: Timestamp) -> Result<Vec<String>> {
//!     let github = connectors::registry().get("github")?;
//!     let webhook = github.webhook().ok_or_else(|| Error::internal("GitHub sends no webhooks"))?;
//!     // Two keys are taken while one is rotated out.
//!     let verified = verify(&webhook.verification, request, &[secret], now)
//!         .map_err(|why| Error::new(ErrorKind::Refused, "the request is not GitHub's").with_operator(why.to_string()))?;
//!     let mut titles = Vec::new();
//!     for event in webhook.read(&verified)? {
//!         if event.event_type == "issues.opened" {
//!             let payload: issues::Payload = serde_json::from_value(event.payload)
//!                 .map_err(|e| Error::protocol(format!("the payload does not decode: {e}")))?;
//!             titles.push(payload.issue.title);
//!         }
//!     }
//!     Ok(titles)
//! }
//! # }
//! # fn main() {}
//! ```
//!
//! # List what is there
//!
//! ```
//! let registry = connectors::registry();
//! for connector in registry.list() {
//!     println!("{}: {}", connector.id(), connector.info().summary);
//! }
//! // One that is not compiled in is an error that names its feature; a misspelt one names the nearest.
//! let error = registry.get("slak").unwrap_err();
//! assert!(error.caller_text().contains("did you mean `slack`?"));
//! ```
//!
//! Your own connectors go into the same registry with [`Registry::register`](core::Registry::register).
//!
//! Architecture invariant: of this project's crates only `connector-core` and the connector crates are used here, and
//! nothing but [`registry`] is written by hand.

mod generated;

pub use connector_core as core;
pub use generated::*;

/// A registry of the connectors that are compiled in.
///
/// Each call makes a new one, so that what one part of an application registers is its own; clones of one registry
/// share it.
pub fn registry() -> connector_core::Registry {
    connector_core::Registry::of(generated::SPECS, KNOWN)
}

// The README's example is compiled with the rest.
#[cfg(all(doctest, feature = "slack"))]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_compiled_in_is_there_and_the_rest_names_its_feature() {
        let compiled: Vec<&str> = generated::SPECS.iter().map(|s| s.id()).collect();
        let listed: Vec<String> = registry().list().iter().map(|c| c.id().to_owned()).collect();
        assert_eq!(listed, compiled);
        for (id, feature) in KNOWN {
            match registry().get(id) {
                Ok(c) => assert_eq!(c.id(), *id),
                Err(e) => assert!(e.caller_text().contains(&format!("Cargo feature `{feature}`")), "{e}"),
            }
        }
    }

    #[test]
    fn the_catalog_is_json_about_the_same_connectors() {
        let catalog: serde_json::Value = serde_json::from_str(include_str!("../catalog.json")).unwrap();
        let entries = catalog.get("connectors").unwrap().as_array().unwrap();
        let ids: Vec<&str> = entries.iter().filter_map(|c| c.get("id")?.as_str()).collect();
        let known: Vec<&str> = KNOWN.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, known);
        for c in registry().list() {
            let entry = entries.iter().find(|e| e.get("id").unwrap() == c.id()).unwrap();
            let names = |what: &str| -> Vec<String> {
                let list = entry.get(what).unwrap().as_array().unwrap();
                list.iter().filter_map(|i| Some(i.get("name")?.as_str()?.to_owned())).collect()
            };
            assert_eq!(names("actions"), c.actions().iter().map(|a| a.info().name.clone()).collect::<Vec<_>>());
            assert_eq!(names("triggers"), c.triggers().iter().map(|t| t.info().name.clone()).collect::<Vec<_>>());
        }
    }
}
