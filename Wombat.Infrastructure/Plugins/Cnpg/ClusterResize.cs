using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>
/// Gives a cluster another size. The previous size stays the expected one until the cluster is ready with the new one, so that whatever
/// a failure leaves is shown as drift.
/// </summary>
internal sealed class ClusterResize(ClusterStore clusters, ClusterObjects objects, ClusterReadiness readiness)
{
    /// <exception cref="ExternalSystemException">The size was not applied. The previous one is put back, if that is possible.</exception>
    public async Task<ClusterView> ResizeAsync(
        ProvisionRequest<DatabaseSpec> request,
        DatabaseSpec before,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        var cluster = await clusters.GetAsync(request.Resource, cancel);
        EnsurePossible(request, cluster);
        try
        {
            await objects.TryAsync(request, before, cluster, cancel);
            await log.WriteAsync($"Applied the new size to the Cluster {cluster.Id}.", cancel);
            await readiness.WaitAsync(request, cluster.Id, log, cancel);
            await objects.ApplyAsync(request, log, cancel);
            return await readiness.WaitAsync(request, cluster.Id, log, cancel);
        }
        catch (Exception)
        {
            await PutBackAsync(request with { Spec = before }, log);
            throw;
        }
    }

    // Not cancelled: a cancelled resize is put back, too.
    private async Task PutBackAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log)
    {
        try
        {
            await log.WriteAsync("The resize has not succeeded. The previous size is put back.", CancellationToken.None);
            await objects.ApplyAsync(request, log, CancellationToken.None);
        }
        catch (ExternalSystemException e)
        {
            await log.WriteAsync($"The previous size cannot be put back: {e.Message}", CancellationToken.None);
        }
    }

    private static void EnsurePossible(ProvisionRequest<DatabaseSpec> request, ClusterView cluster)
    {
        if (cluster.StorageMib is { } present && request.Spec.Settings.StorageMib < present)
        {
            throw new ExternalSystemException(
                ExternalFailure.Invalid,
                $"The storage of {request.Resource.ExternalName} is {present} MiB and can only grow, not shrink to "
                    + $"{request.Spec.Settings.StorageMib} MiB."
            );
        }

        if (cluster.ShouldHibernate)
        {
            throw new ExternalSystemException(ExternalFailure.Conflict, $"{request.Resource.ExternalName} is frozen.");
        }
    }
}
