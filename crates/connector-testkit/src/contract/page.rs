//! The table of params on a connector's page: made from the declaration, so that page and form say the same.
//!
//! What must not live here: the rest of the page, which its author writes.

use std::{fs, path::Path};

use connector_core::{Connector, ParamInfo, info::ConnectorInfo, param::table};

use super::Subject;

const BEGIN: &str = "<!-- params: written by cargo xtask contract --params -->";
const END: &str = "<!-- /params -->";
/// The environment variable that makes a run write the tables; its value is `write`.
const VARIABLE: &str = "JACKFIELD_CONTRACT_PARAMS";

pub(super) fn asked() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|v| v == "write")
}

/// The part with its markers.
fn part(info: &ConnectorInfo) -> String {
    let of = |what: &str, params: &[ParamInfo]| {
        (!params.is_empty()).then(|| format!("Params of {what}:\n\n{}", table::markdown(params)))
    };
    let tables: Vec<String> =
        [of("a connection", &info.params), of("an app", &info.app_params)].into_iter().flatten().collect();
    format!("{BEGIN}\n{}{END}", tables.join("\n"))
}

/// Where the part stands in a page, its markers included.
fn place(page: &str) -> Option<(usize, usize)> {
    let begin = page.find(BEGIN)?;
    let end = page.get(begin..)?.find(END)?;
    Some((begin, begin + end + END.len()))
}

/// What is wrong with the part, if anything is.
pub(super) fn fault(page: &str, info: &ConnectorInfo) -> Option<String> {
    if info.params.is_empty() && info.app_params.is_empty() {
        return None;
    }
    match place(page).and_then(|(begin, end)| page.get(begin..end)) {
        None => Some(format!(
            "the connector's page has no table of its params; put the lines `{BEGIN}` and `{END}` where it belongs, and run \
             cargo xtask contract --params"
        )),
        Some(found) if found != part(info) => Some(
            "the table of params on the connector's page is not what they are; mend: cargo xtask contract --params"
                .into(),
        ),
        Some(_) => None,
    }
}

/// Writes the part of each connector's page; says which changed.
pub(super) fn write(subjects: &[Subject]) -> Result<String, String> {
    let mut said = Vec::new();
    for s in subjects {
        let info = Connector::from(s.spec).info().clone();
        let path = Path::new(s.dir).join("docs.md");
        let page = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let Some((begin, end)) = place(&page) else {
            return Err(format!("{}: the lines `{BEGIN}` and `{END}` are not there", path.display()));
        };
        let (before, after) = (page.get(..begin).unwrap_or_default(), page.get(end..).unwrap_or_default());
        let new = format!("{before}{}{after}", part(&info));
        if new != page {
            fs::write(&path, new).map_err(|e| format!("{}: {e}", path.display()))?;
            said.push(format!("{}: wrote the table of params", info.id));
        }
    }
    Ok(if said.is_empty() { "the tables of params are up to date".to_owned() } else { said.join("\n") })
}
