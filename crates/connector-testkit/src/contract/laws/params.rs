//! Laws of params: what they say of their values, what they refer to, and how they change from version to version.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

use connector_core::{
    DataType, Effect, InputType, ParamInfo,
    connector::is_id,
    param::{Cleaned, LiveInfo, VisibleInfo, clean, params_schema},
    schema::Validator,
};
use serde_json::{Map, Value, json};

use crate::{
    contract::{
        Bench, Checks, Law, Verdict,
        schema_walk::{allows, at_pointer},
    },
    values::TestValues,
};

pub(in crate::contract) fn checks(_: &Bench, out: &mut Checks) {
    out.add(Law::Params, "spec", None, params);
}

fn params(b: &Bench, v: &mut Verdict) {
    let info = b.connector.info();
    let (_, errors) = TestValues::of(&b.connector, &Map::new());
    v.check((!errors.is_empty()).then(|| {
        let list: Vec<String> = errors.iter().map(|e| format!("{} {}", e.pointer, e.message)).collect();
        format!("defaults and examples make no valid connection: {}", list.join("; "))
    }));
    for list in [&info.params, &info.app_params] {
        for p in list {
            texts(p, v);
            values(p, v);
            bounds(p, v);
            if let Some(when) = &p.visible_if {
                visible(p, when, list, v);
            }
            let there = p.fieldset.is_empty() || info.fieldsets.iter().any(|f| f.id == p.fieldset);
            v.require(there, || format!("param `{}`: there is no fieldset `{}`", p.id, p.fieldset));
            v.require(p.data_type != DataType::Column, || {
                format!("param `{}` is a COLUMN: a connection has no event to take it from", p.id)
            });
        }
    }
    for p in &info.params {
        if let Some(l) = &p.live {
            live(b, p, l, v);
        }
    }
    for p in info.app_params.iter().filter(|p| p.live.is_some()) {
        v.check(Some(format!("app param `{}` has live options: an app has no connection to fetch them by", p.id)));
    }
    fieldsets(b, v);
    versions(b, v);
}

fn texts(p: &ParamInfo, v: &mut Verdict) {
    let id = &p.id;
    v.require(!p.label.trim().is_empty(), || format!("param `{id}` has no label"));
    let ends = p.description.trim_end().ends_with('.');
    v.require(ends, || format!("param `{id}`: the description is missing or no sentence"));
    v.require(p.pattern.is_none() || !p.pattern_hint.trim().is_empty(), || {
        format!("param `{id}` has a pattern, and no `pattern_hint` that says in words what it wants")
    });
    if p.is_secret() {
        v.require(p.default.is_none(), || format!("secret param `{id}` has a default"));
    } else if p.is_required() {
        v.require(p.example.is_some(), || format!("param `{id}` is required and has no example"));
    }
}

/// What cleaning makes of one value, whatever it depends on.
fn judged(p: &ParamInfo, value: &Value) -> Result<Cleaned, String> {
    let alone = ParamInfo { visible_if: None, optional: false, default: None, ..p.clone() };
    let given = Map::from_iter([(p.id.clone(), value.clone())]);
    clean(std::slice::from_ref(&alone), &given, &[])
        .map_err(|errors| errors.into_iter().map(|e| e.message).collect::<Vec<_>>().join("; "))
}

fn values(p: &ParamInfo, v: &mut Verdict) {
    let id = &p.id;
    let compiled = Validator::new(params_schema(std::slice::from_ref(p)));
    if let Err(e) = compiled {
        return v.check(Some(format!("param `{id}`: its schema does not compile: {e}")));
    }
    if let Some(default) = &p.default {
        match judged(p, default) {
            Err(why) => v.check(Some(format!("param `{id}`: its default is refused: it {why}"))),
            Ok(c) => v.require(p.is_secret() || c.values.get(id) == Some(default), || {
                format!("param `{id}`: its default is not in the form in which it is stored")
            }),
        }
    }
    if let Some(example) = &p.example {
        v.check(judged(p, example).err().map(|why| format!("param `{id}`: its example is refused: it {why}")));
    }
    if let Some(anti) = &p.anti_example {
        v.require(judged(p, &anti.value).is_err(), || format!("param `{id}`: its anti-example is taken"));
        let sentence = anti.why.trim_end().ends_with('.');
        v.require(sentence, || format!("param `{id}`: its anti-example does not say in a sentence why it is wrong"));
    }
}

fn bounds(p: &ParamInfo, v: &mut Verdict) {
    let id = &p.id;
    let number = matches!(p.data_type, DataType::Int | DataType::Number);
    v.require(number || (p.min.is_none() && p.max.is_none()), || format!("param `{id}` has a range and is no number"));
    v.require(p.min.zip(p.max).is_none_or(|(min, max)| min <= max), || format!("param `{id}`: its range is empty"));
    let text = p.data_type == DataType::String;
    v.require(text || (p.min_length.is_none() && p.max_length.is_none()), || {
        format!("param `{id}` has a length and is no text")
    });
    v.require(p.min_length.zip(p.max_length).is_none_or(|(min, max)| min <= max), || {
        format!("param `{id}`: no text has its length")
    });
    let select = p.input_type == InputType::Select;
    v.require(select != p.options.is_empty(), || {
        format!("param `{id}`: options belong to a select, and a select has some")
    });
    let distinct: BTreeSet<&str> = p.options.iter().map(|o| o.value.as_str()).collect();
    v.require(distinct.len() == p.options.len(), || format!("param `{id}` has an option twice"));
    v.require(p.options.iter().all(|o| !o.label.trim().is_empty()), || {
        format!("param `{id}` has an option without label")
    });
    v.require(p.token.is_none() || (text && p.is_secret()), || {
        format!("param `{id}` has the shape of a token, and is no secret text")
    });
}

fn visible(p: &ParamInfo, when: &VisibleInfo, list: &[ParamInfo], v: &mut Verdict) {
    let id = &p.id;
    let Some(other) = list.iter().find(|o| o.id == when.param && o.id != *id) else {
        return v.check(Some(format!("param `{id}` is visible by `{}`, which is no other param", when.param)));
    };
    v.require(!when.values.is_empty(), || format!("param `{id}` is visible with no value of `{}`", other.id));
    let takes = |value: &str| match other.data_type {
        DataType::Bool => matches!(value, "true" | "false"),
        _ => other.options.iter().any(|o| o.value == value),
    };
    let choice = other.data_type == DataType::Bool || other.input_type == InputType::Select;
    v.require(choice, || {
        format!("param `{id}` is visible by `{}`, which is neither a select nor a yes or no", other.id)
    });
    for value in when.values.iter().filter(|value| choice && !takes(value)) {
        v.check(Some(format!("param `{id}` is visible with `{value}`, which `{}` never is", other.id)));
    }
    let mut at = other;
    for _ in 0..=list.len() {
        match at.visible_if.as_ref().and_then(|w| list.iter().find(|o| o.id == w.param)) {
            Some(next) => at = next,
            None => return,
        }
    }
    v.check(Some(format!("param `{id}`: what it is visible by goes round")));
}

fn live(b: &Bench, p: &ParamInfo, l: &LiveInfo, v: &mut Verdict) {
    let id = &p.id;
    let Some(action) = b.action(&l.action) else {
        return v.check(Some(format!("param `{id}`: its live options come from `{}`, which is no action", l.action)));
    };
    let info = action.info();
    v.require(info.effect == Effect::Read, || {
        format!("param `{id}`: its live options come from an action that writes")
    });
    v.require(!p.is_secret() && p.data_type == DataType::String && p.options.is_empty(), || {
        format!("param `{id}` has live options, and is a secret, no text, or has options of its own")
    });
    let out = &info.output_schema;
    let items = at_pointer(out, &l.items);
    v.require(items.is_some_and(|s| allows(out, s, "array", 0)), || {
        format!("param `{id}`: `{}` is no array of the output of `{}`", l.items, l.action)
    });
    for pointer in [&l.value, &l.label] {
        let there = at_pointer(out, &format!("{}/0{pointer}", l.items)).is_some();
        v.require(there, || format!("param `{id}`: the items that `{}` lists have no `{pointer}`", l.action));
    }
    let fields = info.input_schema.get("properties").and_then(Value::as_object);
    let search = l.search.as_ref().is_none_or(|s| fields.is_some_and(|f| f.contains_key(s)));
    v.require(search, || {
        format!("param `{id}`: the input of `{}` has no field `{}`", l.action, l.search.as_deref().unwrap_or_default())
    });
    // A new connection has nothing that could fill a field in.
    v.require(b.connector.prepare(action.as_ref(), &Map::new(), json!({})).is_ok(), || {
        format!("param `{id}`: `{}` cannot be called without input, so that it lists nothing in a form", l.action)
    });
}

fn fieldsets(b: &Bench, v: &mut Verdict) {
    let info = b.connector.info();
    let mut seen = BTreeSet::new();
    for f in &info.fieldsets {
        v.require(is_id(&f.id), || format!("fieldset `{}` is not lower_snake_case", f.id));
        v.require(seen.insert(&f.id), || format!("fieldset `{}` is declared twice", f.id));
        v.require(!f.title.trim().is_empty(), || format!("fieldset `{}` has no title", f.id));
        let used = info.params.iter().chain(&info.app_params).any(|p| p.fieldset == f.id);
        v.require(used, || format!("fieldset `{}` has no param", f.id));
    }
}

fn versions(b: &Bench, v: &mut Verdict) {
    let (version, migrate) = (b.connector.info().params_version, b.connector.migrate());
    v.require(version >= 1, || "the params' version is 0; the first is 1".into());
    v.require(version <= 1 || migrate.is_some(), || {
        format!("the params have version {version} and no migration of the values of earlier ones")
    });
    v.require(version > 1 || migrate.is_none(), || {
        "the params have a migration and version 1, which there is none before; raise the version".into()
    });
    let Some(migrate) = migrate else { return };
    for from in 1..version {
        // What is stored may be less than the connector of that time asked for.
        let survived = catch_unwind(AssertUnwindSafe(|| migrate(from, &mut Map::new()))).is_ok();
        v.require(survived, || format!("the migration from version {from} panics where values are missing"));
    }
}
