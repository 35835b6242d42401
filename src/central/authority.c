/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "central/authority.h"

#define DAY (24 * 60 * 60)

typedef struct
{
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t crt;
} Pair;

static void
pair_clear (Pair *pair)
{
  if (pair->crt != NULL)
    gnutls_x509_crt_deinit (pair->crt);
  if (pair->key != NULL)
    gnutls_x509_privkey_deinit (pair->key);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

static gboolean
check (int code, const char *doing, GError **error)
{
  if (code >= 0)
    return TRUE;
  return plaza_throw_about (error, PLAZA_ERROR_FAILED, "%s: %s", doing, gnutls_strerror (code));
}

/* A fresh key and everything both certificates have in common. */
static gboolean
pair_begin (Pair *pair, const char *name, guint days, GError **error)
{
  guint8 serial[16];
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  plaza_random_fill (serial, sizeof serial);
  serial[0] &= 0x7f; /* a serial number is positive */
  serial[0] |= 0x01;
  return check (gnutls_x509_privkey_init (&pair->key), "making a key", error) &&
         check (gnutls_x509_privkey_generate (pair->key, GNUTLS_PK_ECDSA,
                                              GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0),
                "making a key", error) &&
         check (gnutls_x509_crt_init (&pair->crt), "making a certificate", error) &&
         check (gnutls_x509_crt_set_version (pair->crt, 3), "setting the version", error) &&
         check (gnutls_x509_crt_set_serial (pair->crt, serial, sizeof serial), "setting the serial",
                error) &&
         check (gnutls_x509_crt_set_activation_time (pair->crt, now - DAY), "setting the start",
                error) &&
         check (gnutls_x509_crt_set_expiration_time (pair->crt, now + (gint64) days * DAY),
                "setting the end", error) &&
         check (gnutls_x509_crt_set_dn_by_oid (pair->crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                               strlen (name)),
                "setting the name", error) &&
         check (gnutls_x509_crt_set_key (pair->crt, pair->key), "setting the key", error);
}

static gboolean
set_key_id (gnutls_x509_crt_t crt, GError **error)
{
  guint8 id[64];
  size_t length = sizeof id;

  return check (gnutls_x509_crt_get_key_id (crt, 0, id, &length), "naming the key", error) &&
         check (gnutls_x509_crt_set_subject_key_id (crt, id, length), "naming the key", error);
}

static gboolean
add_host (gnutls_x509_crt_t crt, const char *host, GError **error)
{
  guint8 address[sizeof (struct in6_addr)];

  if (inet_pton (AF_INET, host, address) == 1)
    return check (gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_IPADDRESS, address, 4,
                                                        GNUTLS_FSAN_APPEND),
                  "adding the address", error);
  if (inet_pton (AF_INET6, host, address) == 1)
    return check (gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_IPADDRESS, address, 16,
                                                        GNUTLS_FSAN_APPEND),
                  "adding the address", error);
  return check (gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_DNSNAME, host, strlen (host),
                                                      GNUTLS_FSAN_APPEND),
                "adding the host name", error);
}

static gboolean
pair_write (Pair *pair, const char *directory, const char *name, GError **error)
{
  g_autofree char *pem_name = g_strconcat (name, ".pem", NULL);
  g_autofree char *key_name = g_strconcat (name, ".key", NULL);
  g_autofree char *pem_path = g_build_filename (directory, pem_name, NULL);
  g_autofree char *key_path = g_build_filename (directory, key_name, NULL);
  gnutls_datum_t pem = { NULL, 0 };
  gnutls_datum_t key = { NULL, 0 };
  gboolean done;

  done = check (gnutls_x509_crt_export2 (pair->crt, GNUTLS_X509_FMT_PEM, &pem),
                "writing the certificate", error) &&
         check (gnutls_x509_privkey_export2_pkcs8 (pair->key, GNUTLS_X509_FMT_PEM, NULL,
                                                   GNUTLS_PKCS_PLAIN, &key),
                "writing the key", error);
  if (done)
    {
      g_autoptr (GBytes) key_bytes = g_bytes_new_static (key.data, key.size);
      g_autoptr (GBytes) pem_bytes = g_bytes_new_static (pem.data, pem.size);

      done = plaza_file_write (key_path, key_bytes, error) &&
             plaza_file_write (pem_path, pem_bytes, error);
    }
  if (key.data != NULL)
    gnutls_memset (key.data, 0, key.size);
  gnutls_free (key.data);
  gnutls_free (pem.data);
  return done;
}

gboolean
plaza_authority_create (const char *directory, const char *host, guint days, GError **error)
{
  g_auto (Pair) ca = { NULL, NULL };
  g_auto (Pair) server = { NULL, NULL };
  g_autofree char *existing = g_build_filename (directory, "ca.key", NULL);

  if (g_file_test (existing, G_FILE_TEST_EXISTS))
    return plaza_throw_words (error, PLAZA_ERROR_EXISTS,
                              _ ("%s is there already: name another place"), existing);
  if (!plaza_dir_make (directory, error))
    return FALSE;

  if (!pair_begin (&ca, "Plaza private authority", days, error) ||
      !check (gnutls_x509_crt_set_basic_constraints (ca.crt, 1, 0), "constraining", error) ||
      !check (
          gnutls_x509_crt_set_key_usage (ca.crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN),
          "setting the usage", error) ||
      !set_key_id (ca.crt, error) ||
      !check (gnutls_x509_crt_sign2 (ca.crt, ca.crt, ca.key, GNUTLS_DIG_SHA256, 0), "signing",
              error))
    return FALSE;

  if (!pair_begin (&server, "Plaza central", days, error) ||
      !check (gnutls_x509_crt_set_basic_constraints (server.crt, 0, -1), "constraining", error) ||
      !check (gnutls_x509_crt_set_key_usage (server.crt, GNUTLS_KEY_DIGITAL_SIGNATURE),
              "setting the usage", error) ||
      !check (gnutls_x509_crt_set_key_purpose_oid (server.crt, GNUTLS_KP_TLS_WWW_SERVER, 0),
              "setting the purpose", error) ||
      !set_key_id (server.crt, error) || !add_host (server.crt, host, error) ||
      (strcmp (host, "127.0.0.1") != 0 && !add_host (server.crt, "127.0.0.1", error)) ||
      !check (gnutls_x509_crt_sign2 (server.crt, ca.crt, ca.key, GNUTLS_DIG_SHA256, 0), "signing",
              error))
    return FALSE;

  return pair_write (&ca, directory, "ca", error) &&
         pair_write (&server, directory, "server", error);
}
