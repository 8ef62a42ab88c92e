//! People: added, changed, their passwords.

use connector_core::{FieldError, Secret};
use jackfield_store::people::{Person, Role};
use uuid::Uuid;

use super::password;
use crate::{
    Engine,
    error::{EngineError, Result},
};

/// A person to be added.
pub struct PersonInput {
    /// The e-mail address.
    pub email: String,
    /// What others call the person; the address if empty.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// A password; without one an invitation is needed.
    pub password: Option<Secret>,
}

/// What is to be changed of a person; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct PersonChange {
    /// The e-mail address.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The role.
    pub role: Option<Role>,
    /// Whether the person is kept out.
    pub disabled: Option<bool>,
}

/// An address and a name, trimmed, if they can be such.
pub(super) fn cleaned(email: &str, name: &str) -> Result<(String, String)> {
    let (email, mut name) = (email.trim(), name.trim());
    if name.is_empty() {
        name = email;
    }
    let mut errors = Vec::new();
    let one_at = email.split_once('@').is_some_and(|(who, host)| {
        !who.is_empty() && !host.is_empty() && !host.contains('@') && !host.starts_with('.') && !host.ends_with('.')
    });
    if !one_at || email.len() > 254 || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
        errors.push(FieldError::new("/email", "must be an e-mail address, such as ada@example.com"));
    }
    if name.chars().count() > 100 || name.chars().any(char::is_control) {
        errors.push(FieldError::new("/name", "must be at most 100 characters on one line"));
    }
    if errors.is_empty() {
        Ok((email.to_owned(), name.to_owned()))
    } else {
        Err(connector_core::Error::invalid_input(errors).into())
    }
}

impl Engine {
    /// A new person's record.
    pub(super) fn new_person(&self, email: &str, name: &str, role: Role) -> Result<Person> {
        let (email, name) = cleaned(email, name)?;
        let now = self.now();
        Ok(Person {
            id: Uuid::now_v7(),
            email,
            name,
            role,
            disabled: false,
            has_password: false,
            created_at: now,
            updated_at: now,
            signed_in_at: None,
        })
    }

    /// Checks a password that somebody chose, and hashes it.
    pub(super) async fn hashed(&self, pointer: &str, password: &Secret, of: &Person) -> Result<String> {
        password::check(pointer, password, &of.email, &of.name)?;
        self.inner.people.hasher.hash(password.clone()).await
    }

    /// Adds a person.
    ///
    /// # Errors
    /// Of a field (`/email`, `/name`, `/password`); `conflict` if the address is taken.
    pub async fn add_person(&self, input: PersonInput) -> Result<Person> {
        let person = self.new_person(&input.email, &input.name, input.role)?;
        let hash = match &input.password {
            Some(p) => Some(self.hashed("/password", p, &person).await?),
            None => None,
        };
        self.store().add_person(person.clone(), hash).await?;
        Ok(self.store().person(person.id).await?)
    }

    /// Changes a person. Who is disabled is signed out.
    ///
    /// # Errors
    /// Of a field; `conflict` if the address is taken or no administrator would be left.
    pub async fn change_person(&self, id: Uuid, change: PersonChange) -> Result<Person> {
        let mut p = self.store().person(id).await?;
        let email = change.email.unwrap_or(p.email);
        let name = change.name.unwrap_or(p.name);
        (p.email, p.name) = cleaned(&email, &name)?;
        p.role = change.role.unwrap_or(p.role);
        p.disabled = change.disabled.unwrap_or(p.disabled);
        p.updated_at = self.now();
        self.store().change_person(p.clone()).await?;
        Ok(self.store().person(id).await?)
    }

    /// Changes a person's own password; all of the person's sessions but `keep` end.
    ///
    /// # Errors
    /// Of a field: `/current` is not the password, `/password` is none that is taken.
    pub async fn change_password(&self, id: Uuid, current: Secret, new: Secret, keep: Option<Uuid>) -> Result<()> {
        let person = self.store().person(id).await?;
        let now = self.now();
        if let Err(wait) = self.inner.people.tries.charge(&person.email, None, now) {
            let text = format!("was wrong too often; try again in {} s", wait.as_secs().max(1));
            return Err(EngineError::field("/current", text));
        }
        let hash = self.store().person_by_email(&person.email).await?.and_then(|(_, hash)| hash);
        if !self.inner.people.hasher.verify(current, hash).await? {
            return Err(EngineError::field("/current", "is not your password"));
        }
        self.inner.people.tries.refund(&person.email, None);
        let hash = self.hashed("/password", &new, &person).await?;
        Ok(self.store().set_password(id, hash, keep, now).await?)
    }
}
