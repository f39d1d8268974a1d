//! Certificates and TLS connections. Certificates have one shape, wherever they are read: `subject`, `issuer`, `serial`, `notBefore`,
//! `notAfter`, `subjectAltName`, `keyUsage`, `extendedKeyUsage`, `basicConstraints`, `publicKey`, `signatureAlgorithm`,
//! `subjectKeyIdentifier`, `authorityKeyIdentifier`, as far as the tool prints them, and in OpenSSL's notation.

pub(crate) mod curl;
pub(crate) mod curl_write_out;
mod der;
pub(crate) mod openssl_x509;
pub(crate) mod pem;
pub(crate) mod s_client;
mod x509;
