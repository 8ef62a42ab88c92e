//! Security advisories and alerts, as payloads carry them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Account;
use crate::model::User;

/// An advisory of GitHub's database about a vulnerability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Advisory {
    /// Its id at GitHub, `GHSA-…`.
    pub ghsa_id: String,
    /// Its CVE id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cve_id: Option<String>,
    /// It in a sentence.
    pub summary: String,
    /// It at length, Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// `general` or `malware`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification: Option<String>,
    /// How bad it is by CVSS 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cvss: Option<Cvss>,
    /// What kinds of weakness it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cwes: Vec<Cwe>,
    /// All its ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// Pages about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Which versions of which packages are vulnerable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vulnerabilities: Vec<Vulnerability>,
    /// When it was published, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// When it was withdrawn, ISO 8601; none unless it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<String>,
}

/// A rating by the Common Vulnerability Scoring System.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cvss {
    /// From 0 to 10; 0 where it is not rated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// How it comes about, `CVSS:3.1/…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector_string: Option<String>,
}

/// A kind of weakness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cwe {
    /// Its id, such as `CWE-79`.
    pub cwe_id: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// An id of an advisory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identifier {
    /// `GHSA` or `CVE`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id.
    pub value: String,
}

/// A page about an advisory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reference {
    /// Its address.
    pub url: String,
}

/// Which versions of a package are vulnerable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Vulnerability {
    /// The package.
    pub package: Package,
    /// `low`, `medium`, `high` or `critical`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Which versions, such as `>= 1.0, < 1.2.3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vulnerable_version_range: Option<String>,
    /// The first version without it; none if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_patched_version: Option<PatchedVersion>,
}

/// A package of a registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Package {
    /// Its registry: `npm`, `pip`, `maven`, `rust`, …
    pub ecosystem: String,
    /// Its name there.
    pub name: String,
}

/// A version without a vulnerability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PatchedVersion {
    /// The version.
    pub identifier: String,
}

/// An alert of Dependabot: a repository depends on something vulnerable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DependabotAlert {
    /// Its number among the repository's Dependabot alerts.
    pub number: u64,
    /// `open`, `fixed`, `dismissed` or `auto_dismissed`.
    pub state: String,
    /// What is vulnerable, and where it is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dependency: Option<Dependency>,
    /// The advisory.
    pub security_advisory: Advisory,
    /// Which part of the advisory it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_vulnerability: Option<Vulnerability>,
    /// Who it is assigned to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<User>,
    /// When it was dismissed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismissed_at: Option<String>,
    /// Who dismissed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismissed_by: Option<User>,
    /// Why: `fix_started`, `inaccurate`, `no_bandwidth`, `not_used`, `tolerable_risk`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismissed_reason: Option<String>,
    /// What they say about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismissed_comment: Option<String>,
    /// When a rule dismissed it, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_dismissed_at: Option<String>,
    /// When it was fixed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_at: Option<String>,
    /// Its page.
    pub html_url: String,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// A dependency of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dependency {
    /// The package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Package>,
    /// The file that names it, from the root of the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_path: Option<String>,
    /// What it is needed for: `development` or `runtime`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// How it is needed: `direct`, `transitive`, `inconclusive`, `unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relationship: Option<String>,
}

/// An alert of code scanning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodeScanningAlert {
    /// Its number among the repository's code scanning alerts.
    pub number: u64,
    /// `open`, `fixed` or `dismissed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The rule that was broken.
    pub rule: AlertRule,
    /// The tool that found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<AlertTool>,
    /// Where it was found last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_recent_instance: Option<AlertInstance>,
    /// Who it is assigned to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<User>,
    /// When it was dismissed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismissed_at: Option<String>,
    /// Who dismissed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismissed_by: Option<Account>,
    /// Why: `false positive`, `won't fix`, `used in tests`, `mitigated`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismissed_reason: Option<String>,
    /// What they say about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismissed_comment: Option<String>,
    /// When it was fixed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_at: Option<String>,
    /// Its page.
    pub html_url: String,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// A rule of code scanning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertRule {
    /// Its id at the tool.
    pub id: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// It in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// It at length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_description: Option<String>,
    /// `none`, `note`, `warning` or `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Its tags.
    #[serde(default, deserialize_with = "crate::model::list", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Option<Vec<Option<String>>>")]
    pub tags: Vec<String>,
}

/// A tool of code scanning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertTool {
    /// Its name, such as `CodeQL`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// One place where a code scanning alert was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertInstance {
    /// The full ref, such as `refs/heads/main`.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub git_ref: Option<String>,
    /// The commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<String>,
    /// What analysis found it: the workflow's file and the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis_key: Option<String>,
    /// Which analysis, where there are several of a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The values of the matrix, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// `open`, `fixed` or `dismissed` there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// What the tool says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<AlertMessage>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<AlertLocation>,
}

/// What a tool says about an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertMessage {
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Some lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertLocation {
    /// The file, from the root of the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The first line. From 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_line: Option<u64>,
    /// The last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u64>,
    /// The first column. From 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_column: Option<u64>,
    /// The last column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_column: Option<u64>,
}

/// An alert of secret scanning. The secret itself is left out, though GitHub may send it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecretScanningAlert {
    /// Its number among the repository's secret scanning alerts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// `open` or `resolved`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// What it is, such as `github_personal_access_token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_type: Option<String>,
    /// What it is, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_type_display_name: Option<String>,
    /// Whose secret it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Whether it still works: `active`, `inactive` or `unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity: Option<String>,
    /// Whether it was found in public too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publicly_leaked: Option<bool>,
    /// Whether it was found in other repositories too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multi_repo: Option<bool>,
    /// Whether somebody pushed it in spite of the protection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_protection_bypassed: Option<bool>,
    /// Who did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_protection_bypassed_by: Option<User>,
    /// When they did, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_protection_bypassed_at: Option<String>,
    /// Why it is resolved: `false_positive`, `wont_fix`, `revoked`, `used_in_tests`, `pattern_deleted`,
    /// `pattern_edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// What was said about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution_comment: Option<String>,
    /// Who resolved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_by: Option<User>,
    /// When it was resolved, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<String>,
    /// Who it is assigned to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<User>,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
    /// Where it was found, in the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locations_url: Option<String>,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}
