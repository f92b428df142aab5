using System.Globalization;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Finds out what prevents a database, by the settings and by asking the server without changing anything.</summary>
internal sealed class ClusterObjections(KubernetesApi api, CnpgManifests manifests, CnpgOptions options)
{
    // No database has this name.
    private const string PlanName = "plan-00000000";

    // Somebody waits for the answer.
    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<DatabaseObjection>> FindAsync(DatabaseSpec spec, CancellationToken cancel)
    {
        var objections = new List<DatabaseObjection>(SettingObjections(spec.Settings));
        if (objections.Exists(o => o.Prevents) || options.FixedNamespace is null && spec.Project.Length == 0)
        {
            return objections;
        }

        var request = new ProvisionRequest<DatabaseSpec>(new ResourceRef("database", PlanName, PlanName, null), spec);
        try
        {
            // The server checks fields, quotas and permissions.
            var manifest = manifests.Cluster(request, manifests.IdOf(request), CnpgManifests.Initialize(), PlanName);
            using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            bounded.CancelAfter(LongestCheck);
            await api.ApplyAsync(KubernetesKind.Cluster, manifest, bounded.Token, dryRun: true);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            objections.Add(NotChecked("The Kubernetes API does not answer in time."));
        }
        catch (ExternalSystemException e) when (e.IsRetryable)
        {
            objections.Add(NotChecked(e.Message));
        }
        catch (ExternalSystemException e) when (e.Kind == ExternalFailure.NotFound && options.CreatesNamespaces)
        {
            // The namespace is created with the first database.
        }
        catch (ExternalSystemException e)
        {
            objections.Add(new DatabaseObjection("tier", e.Message));
        }

        return objections;
    }

    private static DatabaseObjection NotChecked(string why) => new("plugin", $"Not checked by the server: {why}", Prevents: false);

    private IEnumerable<DatabaseObjection> SettingObjections(TierSpec tier)
    {
        if (tier.PostgresVersion is { } version && !options.Images.ContainsKey(version))
        {
            yield return new DatabaseObjection(
                "tier",
                $"There is no image of PostgreSQL {version.ToString(CultureInfo.InvariantCulture)} in plugins.{options.Instance}.images."
            );
        }

        if (tier.BackupSchedule is not null && options.ObjectStore is null)
        {
            yield return new DatabaseObjection(
                "tier",
                $"No backups are made: plugins.{options.Instance} has no object store.",
                Prevents: tier.DeletionPolicy == DeletionPolicy.Archive
            );
        }
    }
}
