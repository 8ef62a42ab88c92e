//! Jackfield connector: github.
