//! What the searches share. What must not live here: what is looked for.

use connector_core::{Cx, Request, Result};
use serde::de::DeserializeOwned;

use crate::{
    client::{self, FieldMap},
    model::SearchPage,
};

const FIELDS: FieldMap = &[("q", "/q"), ("sort", "/sort"), ("order", "/order"), ("search_type", "/search_type")];

/// Sends a search and reads its page.
pub(crate) async fn send<T: DeserializeOwned>(cx: &Cx, request: Request) -> Result<SearchPage<T>> {
    let (mut found, next_page): (SearchPage<T>, _) = client::send_page(cx, request, FIELDS).await?;
    found.next_page = next_page;
    Ok(found)
}
