using Wombat.Infrastructure.Persistence.Configurations;

namespace Wombat.Api.Tests.Resources;

internal sealed class ProbeConfiguration() : ResourceKindConfiguration<Probe, ProbeSpec>(Probe.KindName);
