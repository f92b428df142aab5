using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Plugins.Proxmox;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Plugins.Proxmox;

/// <summary>A third-party CLI with only create, status and delete.</summary>
[Category("Slow")]
public sealed class ForeignCliContractTests : PluginContractTests
{
    protected override string Template => "debian-12";

    protected override Task<IProvisioner<ContainerSpec>> StartAsync(TimeSpan? ProbeTimeout)
    {
        // The scripted CLI is too fast to exceed a timeout, so the test uses a slow template.
        var settings = Options(ScriptedCli.Foreign(Folder.Path), ProbeTimeout, "plain");
        return Task.FromResult<IProvisioner<ContainerSpec>>(
            ProxmoxPluginType.Create(
                ProbeTimeout is null ? settings : settings with { CreateArguments = ["create", "--name", "{name}", "--template", "slow"] }
            )
        );
    }

    protected override Task<int> CountAsync() =>
        Task.FromResult(
            Directory.Exists(Path.Combine(Folder.Path, "foreign"))
                ? Directory.GetFiles(Path.Combine(Folder.Path, "foreign")).Count(f => !f.EndsWith(".lock", StringComparison.Ordinal))
                : 0
        );
}
