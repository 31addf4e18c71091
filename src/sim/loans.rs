//! Keys that are lent for a while: to roles that are assumed, to people from the access portal, to workloads.

use std::{collections::BTreeSet, io, time::Duration};

use super::{
    clock::Moment,
    sigv4::{self, Keys, Rejection},
};
use crate::model::Timestamp;

/// The keys that are out, and what may be exchanged for some.
#[derive(Debug, Default)]
pub(crate) struct Loans {
    out: Vec<Loan>,
    /// The codes of the MFA device that were shown and not used.
    codes: BTreeSet<String>,
    /// The tokens that the access portal and STS take for a person or a workload, and until when.
    tokens: Vec<(String, Moment)>,
    /// The roles that only who showed a code may assume.
    pub(crate) guarded: BTreeSet<String>,
}

/// Keys that are out.
#[derive(Debug, Clone)]
pub(crate) struct Loan {
    pub(crate) keys: Keys,
    /// To whom, an ARN.
    pub(crate) caller: String,
    pub(crate) until: Moment,
}

impl Loans {
    /// Lends keys to a caller until then.
    pub(crate) fn lend(&mut self, region: &str, caller: String, until: Moment) -> io::Result<Loan> {
        let keys = Keys::lent(region)?;
        let loan = Loan { keys, caller, until };
        self.out.push(loan.clone());
        Ok(loan)
    }

    /// Lets a request in that is signed with keys that are out, and says who it comes from.
    pub(crate) fn admit(
        &self,
        request: sigv4::Request<'_>,
        service: &str,
        at: Timestamp,
        now: Moment,
    ) -> Result<String, Rejection> {
        let token = request.headers.get("x-amz-security-token").and_then(|token| token.to_str().ok());
        let loan = self.out.iter().find(|loan| loan.keys.token.as_deref() == token).ok_or(Rejection::UnknownKey)?;
        loan.keys.verify(request, service, at)?;
        if loan.until <= now { Err(Rejection::RunOut) } else { Ok(loan.caller.clone()) }
    }

    /// Shows a code on the MFA device.
    pub(crate) fn show_code(&mut self) -> io::Result<String> {
        let code = sigv4::random_digits(6)?;
        self.codes.insert(code.clone());
        Ok(code)
    }

    /// Uses a code up; returns whether it was one.
    pub(crate) fn use_code(&mut self, code: &str) -> bool {
        self.codes.remove(code)
    }

    /// Makes a token that holds for this long.
    pub(crate) fn token(&mut self, now: Moment, lifetime: Duration) -> io::Result<String> {
        let token = sigv4::random_text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 40)?;
        self.tokens.push((token.clone(), now.after(lifetime)));
        Ok(token)
    }

    /// Whether a token holds.
    pub(crate) fn holds(&self, token: &str, now: Moment) -> bool {
        self.tokens.iter().any(|(known, until)| known == token && *until > now)
    }
}
