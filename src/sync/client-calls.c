/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "base/error.h"
#include "sync/client.h"

#include "wire/campaign.h"
#include "wire/receipt.h"

/* The calls of the central's interface, each on top of plaza_client_send_async(). */

void
plaza_client_get_campaign_async (PlazaClient *self,
                                 const char *fingerprint,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autofree char *escaped = g_uri_escape_string (fingerprint, NULL, FALSE);
  g_autofree char *path = g_strconcat ("/v1/campaign/", escaped, NULL);

  plaza_client_send_async (self, path, NULL, NULL, 200, PLAZA_CLIENT_TYPE_CAMPAIGN,
                           PLAZA_CAMPAIGN_MAX_BYTES, cancellable, callback, user_data);
}

void
plaza_client_post_envelope_async (PlazaClient *self,
                                  GBytes *envelope,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  plaza_client_send_async (self, "/v1/envelopes", envelope, PLAZA_CLIENT_TYPE_ENVELOPE, 200,
                           PLAZA_RECEIPT_MEDIA_TYPE, PLAZA_RECEIPT_MAX_BYTES, cancellable, callback,
                           user_data);
}

void
plaza_client_enrol_async (PlazaClient *self,
                          const PlazaEnrolRequest *request,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GBytes) body = plaza_enrol_request_to_json (request);

  plaza_client_send_async (self, "/v1/enrol", body, PLAZA_CLIENT_TYPE_JSON, 201,
                           PLAZA_CLIENT_TYPE_JSON, PLAZA_CLIENT_MAX_JSON, cancellable, callback,
                           user_data);
}

gboolean
plaza_client_enrol_finish (PlazaClient *self,
                           GAsyncResult *result,
                           PlazaEnrolment *out,
                           GError **error)
{
  g_autoptr (GBytes) body = plaza_client_send_finish (self, result, error);

  if (!body || !plaza_enrolment_parse (body, out, error))
    return FALSE;
  return *out->token != '\0' ||
         plaza_throw (error, PLAZA_ERROR_INVALID, "Enrolment: an empty token");
}

void
plaza_client_probe_async (PlazaClient *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  plaza_client_send_async (self, "/v1/probe", NULL, NULL, 200, PLAZA_CLIENT_TYPE_JSON,
                           PLAZA_CLIENT_MAX_JSON, cancellable, callback, user_data);
}

static void
on_warm (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  /* Whoever uses the connection next finds out by itself. */
  if (!plaza_client_probe_finish (PLAZA_CLIENT (source), result, &error))
    g_debug ("the other connection: %s", error->message);
}

void
plaza_client_warm (PlazaClient *self, gboolean fresh)
{
  const PlazaRequest wish = { .path = "/v1/probe",
                              .fresh = fresh,
                              .wanted = {
                                  { 200, PLAZA_CLIENT_TYPE_JSON, PLAZA_CLIENT_MAX_JSON } } };

  if (plaza_client_has_room (self) &&
      (fresh || plaza_client_count_connections (self) < PLAZA_CLIENT_CONNECTIONS))
    plaza_client_request_async (self, &wish, NULL, on_warm, NULL);
}

gboolean
plaza_client_probe_finish (PlazaClient *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GBytes) body = plaza_client_send_finish (self, result, error);

  return body != NULL;
}
