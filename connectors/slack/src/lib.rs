//! Jackfield connector: slack.
