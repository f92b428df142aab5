using Wombat.Domain.Common;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Containers by a CLI that can also start and stop them.</summary>
internal class OperableProxmoxPlugin(ContainerCli cli) : PlainProxmoxPlugin(cli), IOperatesResources
{
    public Task<ResourceObservation> StartAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel) =>
        OperateAsync(Settings.StartArguments, resource, log, cancel);

    public Task<ResourceObservation> StopAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel) =>
        OperateAsync(Settings.StopArguments, resource, log, cancel);

    public async Task<ResourceObservation> RestartAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel)
    {
        if (Settings.RestartArguments.Count > 0)
        {
            return await OperateAsync(Settings.RestartArguments, resource, log, cancel);
        }

        await StopAsync(resource, log, cancel);
        return await StartAsync(resource, log, cancel);
    }

    private async Task<ResourceObservation> OperateAsync(
        IReadOnlyList<string> template,
        ResourceRef resource,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        if (resource.ExternalId is null)
        {
            throw new ExternalSystemException(ExternalFailure.NotFound, "The container was never created.");
        }

        await Cli.CallAsync(template, ContainerCli.Values(resource), Settings.CallTimeout, log, cancel);
        return await StatusAsync(resource, cancel);
    }
}
