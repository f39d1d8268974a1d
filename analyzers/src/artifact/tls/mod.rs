//! Certificates and TLS connections. Certificates have one shape, wherever they are read: `subject`, `issuer`, `serial`, `notBefore`,
//! `notAfter`, `subjectAltName`, `keyUsage`, `extendedKeyUsage`, `basicConstraints`, `publicKey`, `signatureAlgorithm`,
//! `subjectKeyIdentifier`, `authorityKeyIdentifier`, as far as the tool prints them, and in OpenSSL's notation.

mod der;
pub(crate) mod pem;
mod x509;
