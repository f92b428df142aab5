using Wombat.Application.Commands;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Commands;

/// <summary>Contacts hosts of SSH in the background.</summary>
internal sealed class HostMonitorService(HostMonitor monitor, WombatSettings settings, BackgroundLoop loop)
    : PeriodicService(loop, new LoopOptions("contact with hosts of SSH", settings.Commands.HostCheck / 10) { WaitsFirst = true })
{
    protected override Task RunOnceAsync(CancellationToken cancel) => monitor.ContactDueAsync(settings.Commands.HostCheck, cancel);
}
