//! Coming in and going out: the first administrator, passwords by invitation, signing in and out.

use axum::{
    Extension,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use connector_core::Secret;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jackfield_engine::people::{Acceptance, Actor, Invited, MIN_PASSWORD, SignIn};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Page, Problem, failed, failure, go, mark};
use crate::{
    AppState,
    auth::{self, Caller, Fields, Note},
    error::ApiError,
};

/// What stands in the address of `/login` and `/setup`.
#[derive(Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    next: String,
    #[serde(default)]
    code: String,
}

/// A path of our own to go on to; anything else leads to the overview.
fn own_path(next: &str) -> &str {
    let own = next.starts_with('/')
        && !next.starts_with("//")
        && !next.starts_with("/login")
        && next.len() <= 500
        && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if own { next } else { "/" }
}

fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

fn with_cookie(mut r: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(c) = cookie {
        r.headers_mut().append(header::SET_COOKIE, c);
    }
    r
}

async fn login_page(s: &AppState, next: &str, email: &str, problems: Vec<Problem>) -> Result<Page, ApiError> {
    let fields = json!([
        {"id": "email", "label": "E-mail", "type": "email", "required": true, "autocomplete": "username", "value": email},
        {"id": "password", "label": "Password", "type": "password", "required": true, "autocomplete": "current-password"},
    ]);
    let context = json!({"fields": fields, "next": own_path(next), "nobody": s.engine.has_nobody().await?});
    Ok(Page::new("login.html", "Sign in").with(context).problems(problems))
}

pub(super) async fn login(State(s): State<AppState>, caller: Caller, Query(q): Query<Asked>) -> Response {
    if caller.browser.is_some() {
        return go(own_path(&q.next));
    }
    match login_page(&s, &q.next, "", Vec::new()).await {
        Ok(page) => page.show(&s, None),
        Err(e) => failed(&s, e),
    }
}

pub(super) async fn log_in(
    State(s): State<AppState>,
    caller: Caller,
    Extension(note): Extension<Note>,
    headers: HeaderMap,
    form: Fields,
) -> Response {
    let (email, next) = (form.text("email"), form.text("next"));
    let tried = s.engine.sign_in(email, Secret::from(form.text("password")), caller.from, agent(&headers)).await;
    let (status, text) = match tried {
        Ok(SignIn::Done(done)) => {
            note.actor(Actor::Person(done.person.id), &done.person.name);
            // Whoever was signed in at this browser before is not any more.
            if let Some(b) = &caller.browser {
                let _ = s.engine.end_session(&caller.principal, b.session.handle).await;
            }
            return with_cookie(go(own_path(next)), auth::cookie(&s, &done.cookie));
        }
        Ok(SignIn::Refused(person)) => {
            match person {
                Some(id) => note.actor(Actor::Person(id), email),
                None => note.silent(),
            }
            (StatusCode::UNPROCESSABLE_ENTITY, "the e-mail address or the password is wrong".to_owned())
        }
        Ok(SignIn::TooOften(wait)) => {
            note.silent();
            let text = format!("there were too many failed tries; try again in {} s", wait.as_secs().max(1));
            (StatusCode::TOO_MANY_REQUESTS, text)
        }
        Err(e) => {
            note.silent();
            return failed(&s, e);
        }
    };
    tracing::info!(from = ?caller.from, status = status.as_u16(), "somebody could not sign in");
    let problem = Problem { id: String::new(), label: String::new(), message: text };
    match login_page(&s, next, email, vec![problem]).await {
        Ok(page) => page.status(status).show(&s, None),
        Err(e) => failed(&s, e),
    }
}

pub(super) async fn log_out(State(s): State<AppState>, caller: Caller) -> Response {
    if let Some(b) = &caller.browser
        && let Err(e) = s.engine.end_session(&caller.principal, b.session.handle).await
    {
        return failed(&s, e);
    }
    with_cookie(go("/login"), auth::no_cookie(&s))
}

fn setup_page(code: &str, invited: &Invited, given: &Fields, mut problems: Vec<Problem>) -> Page {
    let password = json!({"id": "password", "label": "Password", "type": "password", "required": true, "autocomplete": "new-password",
        "minlength": MIN_PASSWORD, "help": format!("At least {MIN_PASSWORD} characters. A few words that do not belong together make a good one.")});
    let (title, text, button, mut fields): (_, _, _, Vec<Value>) = match invited {
        Invited::First => (
            "Set up this gateway",
            "You become its first administrator. Others are added afterwards, each by a link of their own.".to_owned(),
            "Make the administrator",
            vec![
                json!({"id": "name", "label": "Your name", "required": true, "autocomplete": "name", "value": given.text("name")}),
                json!({"id": "email", "label": "E-mail", "type": "email", "required": true, "autocomplete": "username", "value": given.text("email"), "help": "You sign in with it. Nothing is sent there."}),
                password,
            ],
        ),
        Invited::Person(p) => (
            "Set your password",
            format!("{}, you sign in with {} and the password that you choose now.", p.name, p.email),
            "Set the password",
            vec![password],
        ),
    };
    mark(&mut fields, &mut problems);
    Page::new("setup.html", title)
        .with(json!({"heading": title, "text": text, "button": button, "fields": fields, "code": code}))
        .problems(problems)
}

const ENDED: &str = "this link is not good any more: it was used, replaced by a newer one, or is older than a day. Ask an administrator for another, or run `jackfield people invite` at the gateway";

pub(super) async fn setup(State(s): State<AppState>, Query(q): Query<Asked>) -> Response {
    match s.engine.invited(&q.code).await {
        Ok(Some(invited)) => setup_page(&q.code, &invited, &Fields::default(), Vec::new()).show(&s, None),
        Ok(None) => failure(&s, StatusCode::NOT_FOUND, ENDED),
        Err(e) => failed(&s, e),
    }
}

pub(super) async fn set_up(
    State(s): State<AppState>,
    caller: Caller,
    Extension(note): Extension<Note>,
    headers: HeaderMap,
    form: Fields,
) -> Response {
    let code = form.text("code");
    let invited = match s.engine.invited(code).await {
        Ok(Some(i)) => i,
        Ok(None) => {
            note.silent();
            return failure(&s, StatusCode::NOT_FOUND, ENDED);
        }
        Err(e) => return failed(&s, e),
    };
    let by = Acceptance {
        email: form.text("email").to_owned(),
        name: form.text("name").to_owned(),
        password: Secret::from(form.text("password")),
    };
    let signed_in = async {
        let person = s.engine.accept(code, by).await?;
        s.engine.open_session(person, caller.from, agent(&headers)).await
    };
    match signed_in.await {
        Ok(done) => {
            note.actor(Actor::Person(done.person.id), &done.person.name);
            with_cookie(go("/"), auth::cookie(&s, &done.cookie))
        }
        Err(e) => {
            let e = ApiError::from(e);
            if e.fields().is_empty() {
                return failed(&s, e);
            }
            setup_page(code, &invited, &form, Problem::all(&e)).show(&s, None).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_on_to_our_own_pages_only() {
        for own in ["/people", "/audit?kind=call"] {
            assert_eq!(own_path(own), own);
        }
        for other in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/login",
            "/x\r\ny",
            "javascript:alert(1)",
        ] {
            assert_eq!(own_path(other), "/");
        }
    }
}
