/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sync/client.h"

G_BEGIN_DECLS

/**
 * plaza_registrations_send_async: posts every registration of the campaign that waits below
 * @data_root: of its profiles, unlocked or not, and those carried for others. The central must know
 * a device before it can believe its envelopes, so they go first. What the central took or refused
 * is settled durably, one refused does not hold up the others.
 */
void plaza_registrations_send_async (PlazaClient *client,
                                     const char *data_root,
                                     const char *fingerprint,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);

/** plaza_registrations_send_finish: @out_posted: (out): how many requests that took. Fails when the
 *  central was not reached or asks to wait: PlazaClient's errors; PLAZA_ERROR_DISK. */
gboolean plaza_registrations_send_finish (PlazaClient *client,
                                          GAsyncResult *result,
                                          guint *out_posted,
                                          GError **error);

G_END_DECLS
