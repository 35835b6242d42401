/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/sign.h"

G_BEGIN_DECLS

/** Every registration has exactly this many bytes, so that its size tells nothing. */
#define PLAZA_REGISTRATION_SIZE (8 + 32 + 16 + 32 + 2048 + 48 + 64)

/** Content type of POST /v1/devices, and the end of its file's name on a stick. */
#define PLAZA_REGISTRATION_TYPE "application/vnd.plaza.registration"
#define PLAZA_REGISTRATION_SUFFIX ".plzreg"

/**
 * PlazaRegistration: how a device that joined without a connection makes itself known to the
 * central; anybody may carry it. A carrier sees the campaign, the device and its key; the code and
 * the person only the central.
 *
 * Bytes: "PLZREG01" ‖ BLAKE2b-256 of the campaign key (32) ‖ device (16) ‖ device public key (32) ‖
 * sealed box to the central sealing key, padded to 2 KiB, of canonical JSON
 * {"code","device","device_key","joined","person"} ‖ Ed25519 (64) by the device key of the
 * BLAKE2b-256 of all before. Device and key stand in the box again, so that nobody can put somebody
 * else's box, and with it the code, under a key of their own.
 */
typedef struct
{
  char *campaign; /* fingerprint */
  char *device;   /* UUID, chosen by the laptop */
  PlazaPublicKey device_key;
  /* The sealed part: NULL and 0 after plaza_registration_check(). */
  char *code;       /* as plaza_join_code_normalise() gives it */
  char *person;     /* whom the laptop thinks the code is for */
  gint64 joined_ms; /* when the laptop joined, by its own clock: a claim; a code that was good then
                       may have expired on the registration's way */
} PlazaRegistration;

void plaza_registration_clear (PlazaRegistration *registration);

/**
 * plaza_registration_make: the bytes that the device sends until the central has them.
 * @registration: all fields but device_key, which is that of @device_secret
 * Errors: PLAZA_ERROR_INVALID.
 */
GBytes *plaza_registration_make (const PlazaRegistration *registration,
                                 const PlazaPublicKey *central_seal,
                                 const PlazaSecret *device_secret,
                                 GError **error);

/**
 * plaza_registration_check: what a carrier can judge: whole, and signed by the key that it names.
 * Errors: PLAZA_ERROR_INVALID, PLAZA_ERROR_NEWER, PLAZA_ERROR_SIGNATURE.
 */
gboolean plaza_registration_check (GBytes *bytes, PlazaRegistration *out, GError **error);

/**
 * plaza_registration_open: plaza_registration_check(), then the sealed part with the central's
 * sealing secret. PLAZA_ERROR_SIGNATURE also when the box is another device's or another key's.
 */
gboolean plaza_registration_open (GBytes *bytes,
                                  const PlazaSecret *central_seal_secret,
                                  PlazaRegistration *out,
                                  GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaRegistration, plaza_registration_clear)

G_END_DECLS
