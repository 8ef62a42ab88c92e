//! What a run judged: the table at its end.

use std::collections::BTreeMap;

use super::{
    Bench, Law, Verdict,
    grade::{Grade, Standing},
};

/// What was judged, by connector.
#[derive(Default)]
pub(super) struct Census {
    rows: BTreeMap<String, Row>,
}

#[derive(Default)]
struct Row {
    actions: usize,
    triggers: usize,
    fixtures: usize,
    laws: BTreeMap<Law, Standing>,
    checked: usize,
    not_applicable: usize,
    origins: BTreeMap<String, usize>,
}

impl Census {
    pub(super) fn enter(&mut self, bench: &Bench) {
        let mut row = Row {
            actions: bench.connector.actions().len(),
            triggers: bench.connector.triggers().len(),
            fixtures: bench.fixtures.len(),
            ..Row::default()
        };
        for (_, origin) in bench.fixtures.origins() {
            *row.origins.entry(origin.map_or_else(|| "none".into(), |o| o.kind.clone())).or_default() += 1;
        }
        self.rows.insert(bench.connector.id().to_owned(), row);
    }

    pub(super) fn count(&mut self, connector: &str, law: Law, verdict: &Verdict) {
        let row = self.rows.entry(connector.to_owned()).or_default();
        row.checked += verdict.checked;
        row.not_applicable += verdict.not_applicable;
        let found = Standing::of(verdict);
        let standing = row.laws.entry(law).or_insert(found);
        *standing = found.max(*standing);
    }

    /// Each connector's grade.
    pub(super) fn grades(&self) -> BTreeMap<String, Grade> {
        let grade = |r: &Row| Grade::of(&r.laws, &r.origins);
        self.rows.iter().map(|(id, r)| (id.clone(), grade(r))).collect()
    }

    pub(super) fn table(&self) -> String {
        let mut lines = vec![
            ["connector", "actions", "triggers", "fixtures", "laws", "checks", "n/a", "broken", "origins"]
                .map(str::to_owned),
        ];
        for (id, r) in &self.rows {
            let origins: Vec<String> = r.origins.iter().map(|(k, n)| format!("{n} {k}")).collect();
            lines.push([
                id.clone(),
                r.actions.to_string(),
                r.triggers.to_string(),
                r.fixtures.to_string(),
                format!("{}/{}", r.laws.len(), Law::ALL.len()),
                r.checked.to_string(),
                r.not_applicable.to_string(),
                r.laws.values().filter(|s| **s == Standing::Broken).count().to_string(),
                origins.join(", "),
            ]);
        }
        let mut widths = [0usize; 9];
        for line in &lines {
            for (w, cell) in widths.iter_mut().zip(line) {
                *w = (*w).max(cell.len());
            }
        }
        let row = |line: &[String; 9]| {
            let cells: Vec<String> = line.iter().zip(widths).map(|(c, w)| format!("{c:<w$}")).collect();
            cells.join("  ").trim_end().to_owned()
        };
        lines.iter().map(row).collect::<Vec<_>>().join("\n") + "\n"
    }
}
