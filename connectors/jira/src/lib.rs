//! Jackfield connector: jira.
