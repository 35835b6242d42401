/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * PlazaPower: whether this computer runs on a battery that is low, as UPower says over D-Bus. A
 * computer without UPower, or without a battery, is on mains.
 *
 * Properties (read-only): "low" (gboolean, notified).
 */
#define PLAZA_TYPE_POWER (plaza_power_get_type ())
G_DECLARE_FINAL_TYPE (PlazaPower, plaza_power, PLAZA, POWER, GObject)

/** plaza_power_new: "low" is FALSE until UPower has answered. Returns: (transfer full) */
PlazaPower *plaza_power_new (void);

gboolean plaza_power_get_low (PlazaPower *self);

G_END_DECLS
