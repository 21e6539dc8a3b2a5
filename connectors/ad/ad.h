/* ad.h - Active Directory as a source. */
#ifndef SCIMD_CONNECTORS_AD_AD_H
#define SCIMD_CONNECTORS_AD_AD_H

#include "connectors/connector.h"

extern const struct connector connector_ad;

/* test.c */
void ad_test(const struct connector_settings *settings, struct findings *findings);

#endif
