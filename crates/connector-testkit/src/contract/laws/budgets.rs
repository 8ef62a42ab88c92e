//! The law of declared rate limits.

use std::collections::BTreeSet;

use connector_core::{
    ParamInfo,
    budget::{self, Applies, BudgetInfo, BudgetKey},
    connector::is_id,
    hosts::{Declared, Piece},
    info::ActionInfo,
};

use crate::contract::{Bench, Checks, Law, Verdict};

pub(in crate::contract) fn checks(_: &Bench, out: &mut Checks) {
    out.add(Law::Budgets, "spec", None, budgets);
}

fn budgets(b: &Bench, v: &mut Verdict) {
    let info = b.connector.info();
    let actions: Vec<&ActionInfo> = b.connector.actions().iter().map(|a| a.info().as_ref()).collect();
    let names: BTreeSet<&str> = info.budgets.iter().map(|b| b.name.as_str()).collect();
    if names.is_empty() && actions.iter().all(|a| a.budgets.is_empty()) {
        v.not_applicable();
        return;
    }
    v.require(names.len() == info.budgets.len(), || "two budgets have the same name".to_owned());
    for action in &actions {
        for name in &action.budgets {
            v.require(names.contains(name.as_str()), || {
                format!("`{}` uses the budget `{name}`, which the connector does not declare", action.name)
            });
        }
        let replaced = |of: &BudgetInfo| {
            info.budgets.iter().any(|by| action.budgets.contains(&by.name) && by.replaces.contains(&of.name))
        };
        let used = info
            .budgets
            .iter()
            .any(|b| action.budgets.contains(&b.name) || b.applies == Applies::ToAll && !replaced(b));
        v.require(used || action.cost == 0, || {
            format!("`{}` uses no budget; name the one that it counts in", action.name)
        });
    }
    for budget in &info.budgets {
        let named: Vec<&ActionInfo> = actions.iter().filter(|a| a.budgets.contains(&budget.name)).copied().collect();
        one(budget, &named, &info.params, &names, v);
        at_one_address(budget, &info.hosts, &info.params, v);
    }
}

/// Where a connection says itself which host it calls, what one host answers must not be taken for another's limits. A
/// secret that is a URL says the host too.
fn at_one_address(budget: &BudgetInfo, hosts: &[String], params: &[ParamInfo], v: &mut Verdict) {
    let is_address = |id: &String| params.iter().any(|p| p.id == *id && p.format.as_deref() == Some("uri"));
    let by_itself = budget.key.iter().any(|k| match k {
        BudgetKey::Connection => true,
        BudgetKey::Secret(id) => is_address(id),
        _ => false,
    });
    if by_itself {
        return;
    }
    let named = hosts.iter().filter_map(|h| Declared::read(h)).flat_map(|host| match host {
        Declared::OfUrl(param) => vec![param],
        Declared::Name(pieces) => {
            pieces.iter().filter_map(|p| if let Piece::Param(p) = p { Some(*p) } else { None }).collect()
        }
    });
    for param in named {
        let counted = budget.key.iter().any(|k| matches!(k, BudgetKey::Param(id) if id == param));
        v.require(counted, || {
            format!(
                "the budget `{}` does not count by the param `{param}`, which says the host: the answers of one host would hold for another",
                budget.name
            )
        });
    }
}

fn one(budget: &BudgetInfo, named: &[&ActionInfo], params: &[ParamInfo], names: &BTreeSet<&str>, v: &mut Verdict) {
    let name = &budget.name;
    v.require(is_id(name), || format!("the budget `{name}` is not called in lower_snake_case"));
    v.require(name != budget::CONNECTION, || {
        format!("the budget `{name}` is called like the limits that operators set for a connection; call it otherwise")
    });
    v.require(!budget.summary.is_empty() && budget.summary.ends_with('.'), || {
        format!("the budget `{name}` has no sentence that says what the service counts")
    });
    v.require(!budget.limits.is_empty(), || format!("the budget `{name}` has no limit"));
    v.require(!budget.key.is_empty(), || format!("the budget `{name}` says not what the service counts by"));
    v.require(budget.applies == Applies::ToAll || !named.is_empty(), || {
        format!("no action names the budget `{name}`; remove it or name it in `ActionSpec::budgets`")
    });
    for other in &budget.replaces {
        v.require(names.contains(other.as_str()), || {
            format!("the budget `{name}` replaces `{other}`, which is not there")
        });
    }
    for key in &budget.key {
        let found = |id: &String, secret: bool| params.iter().any(|p| p.id == *id && p.is_secret() == secret);
        match key {
            BudgetKey::Secret(id) => v.require(found(id, true), || {
                format!("the budget `{name}` counts by the secret `{id}`, which is no secret param of the connection")
            }),
            BudgetKey::Param(id) => v.require(found(id, false), || {
                format!("the budget `{name}` counts by the param `{id}`, which is no plain param of the connection")
            }),
            BudgetKey::Input(pointer) => {
                let field = pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
                for action in named {
                    let there = action.input_schema.pointer(&format!("/properties/{field}")).is_some();
                    v.require(there, || {
                        format!(
                            "the budget `{name}` counts by the input `{pointer}`, which `{}` does not have",
                            action.name
                        )
                    });
                }
            }
            _ => {}
        }
    }
}
