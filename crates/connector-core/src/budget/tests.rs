use super::*;
use serde_json::json;

#[test]
fn limits_are_read_and_written_back() {
    for (text, count, secs, burst) in [
        ("100/min", 100, 60, None),
        ("5/s burst 20", 5, 1, Some(20)),
        ("100/10s", 100, 10, None),
        ("5000/h", 5000, 3600, None),
        ("1/d", 1, 86_400, None),
    ] {
        let limit: Limit = text.parse().unwrap();
        assert_eq!((limit.count(), limit.window().as_secs(), limit.burst()), (count, secs, burst), "{text}");
        assert_eq!(limit.to_string(), text);
        assert_eq!(serde_json::from_value::<Limit>(json!(text)).unwrap(), limit);
    }
    assert_eq!("7 / 2 min".parse::<Limit>().unwrap().to_string(), "7/2min");
    for (text, words) in [
        ("", "begins with how many"),
        ("0/s", "begins with how many"),
        ("-1/s", "begins with how many"),
        ("5", "`/` and a unit"),
        ("5/week", "units s, min, h, d"),
        ("5/s bust 3", "may only have `burst`"),
        ("5/s burst", "number from 1 on after `burst`"),
        ("5/s burst 3 4", "nothing more"),
        ("5/99999999d", "too long"),
        ("1/d burst 300000", "within a year"),
    ] {
        let e = text.parse::<Limit>().unwrap_err();
        assert!(e.contains(words), "{text}: {e}");
    }
}

/// A bucket kept as [`Limit::pace`] says never lets more through than the limit in any window.
#[test]
fn no_window_is_overrun() {
    for text in ["1/min", "2/s", "20/min", "50/min", "100/10s", "5000/h", "900/min"] {
        let limit: Limit = text.parse().unwrap();
        let (bucket, refill) = limit.pace();
        // The worst window begins with a full bucket and takes each refill at once.
        let refilled = (limit.window().as_secs_f64() / refill.as_secs_f64()).ceil() as u32 - 1;
        assert!(bucket + refilled <= limit.count(), "{text}: {bucket} + {refilled}");
        assert!(f64::from(bucket + refilled) >= 0.85 * f64::from(limit.count()) - 1.0, "{text} wastes too much");
    }
    let (bucket, refill) = "5/s burst 20".parse::<Limit>().unwrap().pace();
    assert_eq!((bucket, refill), (20, Duration::from_millis(200)));
}

#[test]
fn a_call_uses_what_its_action_names_and_what_is_for_all() {
    const TIER: BudgetSpec = BudgetSpec::new("tier", "A tier.", &["20/min"])
        .key(&[BudgetKey::Identity("team"), BudgetKey::Endpoint])
        .replaces(&["rest"]);
    const REST: BudgetSpec = BudgetSpec::new("rest", "The rest.", &["5000/h"]).key(&[BudgetKey::Secret("token")]);
    const ALL: BudgetSpec = BudgetSpec::new("all", "All.", &["900/min"])
        .key(&[BudgetKey::Param("site"), BudgetKey::Input("/to")])
        .cost(Cost::ByMethod { read: 1, write: 5 });
    let declared: Vec<Arc<BudgetInfo>> = [ALL, REST, TIER].iter().map(|s| Arc::new(s.into())).collect();
    let (values, identity) = (Map::new(), [("team".to_owned(), "T1".to_owned())].into());
    let who = Who { connection: "c1", values: &values, identity: &identity };
    let input = json!({"to": 7});
    let names = |used: &[BudgetUse]| used.iter().map(|u| u.budget.name.clone()).collect::<Vec<_>>();

    let used = uses(&declared, Wants { budgets: &["tier"], cost: 3 }, &who, Some(&input));
    assert_eq!(names(&used), ["tier", "all"]);
    assert_eq!(used[0].key, [KeyPart::Text("T1".into()), KeyPart::Endpoint]);
    assert_eq!(used[1].key, [KeyPart::Text("connection:c1".into()), KeyPart::Text("7".into())]);
    assert_eq!((used[0].cost(&http::Method::POST), used[1].cost(&http::Method::POST)), (3, 5));
    assert_eq!(used[1].cost(&http::Method::GET), 1);

    let used = uses::<&str>(&declared, Wants { budgets: &[], cost: 1 }, &who, None);
    assert_eq!(names(&used), ["all", "rest"]);
    assert_eq!(used[1].key, [KeyPart::Secret("token".into())]);
    assert_eq!(used[0].key[1], KeyPart::Text(String::new()));
}
