//! Laws of schemas, examples, paging and defaults: one check an action or trigger.

use std::sync::Arc;

use connector_core::{ErrorKind, info::ActionInfo, page::StepInfo, schema::Validator};
use serde_json::{Map, Value};

use crate::{
    contract::{
        Bench, Checks, Law, Verdict,
        bench::{Outcome, guarded},
        schema_walk::{Flaw, allows, at_pointer, flaws},
    },
    replay::Replay,
};

pub(in crate::contract) fn checks(b: &Bench, out: &mut Checks) {
    for (i, a) in b.connector.actions().iter().enumerate() {
        let what = format!("actions::{}", a.info().name);
        type Run = fn(&Bench, &ActionInfo, &mut Verdict);
        let all: [(Law, Run); 7] = [
            (Law::Schemas, schemas),
            (Law::Descriptions, descriptions),
            (Law::StrictInput, strict_input),
            (Law::Examples, examples),
            (Law::AntiExamples, anti_examples),
            (Law::Paging, paging),
            (Law::Defaults, defaults),
        ];
        for (law, run) in all {
            out.add(law, &what, None, move |b, v| {
                if let Some(a) = b.connector.actions().get(i) {
                    run(b, a.info(), v);
                }
            });
        }
    }
    for (i, t) in b.connector.triggers().iter().enumerate() {
        let what = format!("triggers::{}", t.info().name);
        out.add(Law::Schemas, &what, None, move |b, v| {
            if let Some(t) = b.connector.triggers().get(i) {
                schema("payload", &t.info().payload_schema, v);
            }
        });
        out.add(Law::Descriptions, &what, None, move |b, v| {
            if let Some(t) = b.connector.triggers().get(i) {
                described("payload", &t.info().payload_schema, v);
            }
        });
    }
}

fn schemas(_: &Bench, a: &ActionInfo, v: &mut Verdict) {
    schema("input", &a.input_schema, v);
    schema("output", &a.output_schema, v);
}

fn schema(what: &str, schema: &Value, v: &mut Verdict) {
    let root = schema.get("type") == Some(&Value::from("object"));
    v.require(root, || format!("the {what}'s schema is no object at its root"));
    v.check(Validator::new(schema.clone()).err().map(|e| format!("the {what}'s schema does not compile: {e}")));
}

fn descriptions(_: &Bench, a: &ActionInfo, v: &mut Verdict) {
    described("input", &a.input_schema, v);
    described("output", &a.output_schema, v);
}

fn described(what: &str, schema: &Value, v: &mut Verdict) {
    let missing: Vec<String> = flaws(schema)
        .into_iter()
        .filter_map(|f| match f {
            Flaw::Undescribed(at) => Some(at),
            Flaw::Open(_) => None,
        })
        .collect();
    v.require(missing.is_empty(), || {
        format!("the {what}'s schema does not describe {} (write a doc comment on the field)", missing.join(", "))
    });
}

fn strict_input(b: &Bench, a: &ActionInfo, v: &mut Verdict) {
    for f in flaws(&a.input_schema) {
        if let Flaw::Open(at) = f {
            v.check(Some(format!("the input takes unknown fields at {at} (add `#[serde(deny_unknown_fields)]`)")));
        }
    }
    let Some(action) = b.action(&a.name) else { return };
    let values = b.values(&Map::new());
    for (i, example) in a.examples.iter().enumerate() {
        let mut more = example.clone();
        if let Some(m) = more.as_object_mut() {
            m.insert("zz_unknown_field".into(), Value::from("x"));
            let refused = b.connector.prepare(action.as_ref(), &values.values, more).is_err();
            v.require(refused, || format!("example {} with an unknown field validates", i + 1));
        }
    }
}

fn examples(b: &Bench, a: &ActionInfo, v: &mut Verdict) {
    v.require(!a.examples.is_empty(), || "it has no example".into());
    let Some(action) = b.action(&a.name) else { return };
    let values = b.values(&Map::new());
    for (i, example) in a.examples.iter().enumerate() {
        let n = i + 1;
        v.require(example.is_object(), || format!("example {n} is no JSON object"));
        match b.connector.prepare(action.as_ref(), &values.values, example.clone()) {
            Err(e) => v.check(Some(format!("example {n} does not validate: {}", e.caller_text()))),
            Ok(input) => {
                // Nothing answers here: what is wrong with the input shows before anything is sent, or never.
                let cx =
                    b.cx(&values, &[], None, Arc::new(Replay::new(&Arc::default(), &values).instead(0, nothing())));
                let (outcome, _) = guarded(action.invoke(&cx, input));
                let refused = match &outcome {
                    Outcome::Err(e) if e.kind() == ErrorKind::InvalidInput => Some(e.caller_text().to_owned()),
                    _ => None,
                };
                v.check(refused.map(|t| format!("example {n} validates, and the action then refuses it: {t}")));
            }
        }
    }
}

fn nothing() -> crate::replay::Answer {
    crate::replay::Answer::Failure(connector_core::Error::new(ErrorKind::UpstreamUnavailable, "nothing answers"))
}

fn anti_examples(b: &Bench, a: &ActionInfo, v: &mut Verdict) {
    let has_fields = a.input_schema.get("properties").and_then(Value::as_object).is_some_and(|p| !p.is_empty());
    if has_fields {
        v.require(!a.anti_examples.is_empty(), || "the input has fields, and no anti-example shows a wrong one".into());
    } else {
        v.not_applicable();
    }
    let Some(action) = b.action(&a.name) else { return };
    let values = b.values(&Map::new());
    for (i, anti) in a.anti_examples.iter().enumerate() {
        let n = i + 1;
        v.require(anti.input.is_object(), || format!("anti-example {n} is no JSON object"));
        v.require(!anti.why.trim().is_empty(), || format!("anti-example {n} does not say why it is wrong"));
        let refused = b.connector.prepare(action.as_ref(), &values.values, anti.input.clone()).is_err();
        v.require(refused, || format!("anti-example {n} validates: {}", anti.input));
    }
}

fn paging(_: &Bench, a: &ActionInfo, v: &mut Verdict) {
    let Some(p) = &a.paging else { return v.not_applicable() };
    let out = &a.output_schema;
    let items = at_pointer(out, &p.items);
    v.require(items.is_some_and(|s| allows(out, s, "array", 0)), || format!("`{}` is no array of the output", p.items));
    let mark = Some(&p.next_output).filter(|_| p.step == StepInfo::Mark);
    for pointer in mark.into_iter().chain(&p.more).chain(&p.total) {
        v.require(at_pointer(out, pointer).is_some(), || format!("the output has no `{pointer}`"));
    }
    if let StepInfo::AfterLast { value } = &p.step {
        let named = at_pointer(out, &format!("{}/0{value}", p.items)).is_some();
        v.require(named, || format!("the items of the output have no `{value}`"));
    }
    let top = p.next_input.strip_prefix('/').is_some_and(|f| !f.contains('/'));
    let there = at_pointer(&a.input_schema, &p.next_input).is_some();
    v.require(top && there, || format!("`{}` is no top-level field of the input", p.next_input));
}

fn defaults(b: &Bench, a: &ActionInfo, v: &mut Verdict) {
    if a.defaults.is_empty() {
        v.not_applicable();
    }
    let fields = a.input_schema.get("properties").and_then(Value::as_object);
    for d in &a.defaults {
        v.require(fields.is_some_and(|f| f.contains_key(&d.field)), || format!("the input has no field `{}`", d.field));
        let param = b.connector.info().params.iter().find(|p| p.id == d.param);
        v.require(param.is_some(), || format!("the connection has no param `{}`", d.param));
        v.require(!param.is_some_and(|p| p.is_secret()), || {
            format!("param `{}` is a secret, and inputs are shown and kept", d.param)
        });
    }
}
