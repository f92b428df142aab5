using Npgsql;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.TestSupport.Kubernetes;

namespace Wombat.Infrastructure.Tests.Plugins.Cnpg;

public sealed class CnpgBackupTests : CnpgTests
{
    [Test]
    public async Task Restore_ToATime_HasTheRowsOfThen()
    {
        var request = Request(BackedUp);
        var source = request with { Resource = await CreateAsync(request) };
        await QueryAsync(source.Resource, "create table t (n int); insert into t values (1)");
        var backup = await Plugin.BackUpAsync(source, Log, default);
        await QueryAsync(source.Resource, "insert into t values (2)");
        var target = DateTimeOffset.Parse(await QueryAsync(source.Resource, "select clock_timestamp() at time zone 'utc' || 'Z'"));
        await QueryAsync(source.Resource, "drop table t");
        await QueryAsync(source.Resource, "create table after_the_target (n int)");
        await Operator.ArchiveAsync(source.Resource.ExternalId!);

        var restored = await RestoreAsync(request, new DatabaseOrigin(request.Resource.ExternalKey, request.Resource.ExternalName, target));
        Assert.That(await QueryAsync(restored, "select count(*) from t"), Is.EqualTo("2"));
        var exact = await RestoreAsync(
            request,
            new DatabaseOrigin(request.Resource.ExternalKey, request.Resource.ExternalName, BackupId: backup.Id)
        );
        Assert.That(await QueryAsync(exact, "select count(*) from t"), Is.EqualTo("1"));
    }

    [Test]
    public async Task ListBackups_AfterABackup_ShowsItAndWhatCanBeRestored()
    {
        var request = Request(BackedUp);
        var source = request with { Resource = await CreateAsync(request) };
        var none = await Plugin.ListBackupsAsync(source.Resource, default);
        Assert.That(
            (none.Backups.Count, none.FirstRestorableAt, none.LastRestorableAt),
            Is.EqualTo((0, (DateTimeOffset?)null, (DateTimeOffset?)null))
        );
        var first = await Plugin.BackUpAsync(source, Log, default);
        var second = await Plugin.BackUpAsync(source, Log, default);
        var listed = await Plugin.ListBackupsAsync(source.Resource, default);
        Assert.That(listed.Backups.Select(b => b.Id), Is.EqualTo(new[] { second.Id, first.Id }));
        Assert.That(listed.FirstRestorableAt, Is.EqualTo(first.EndedAt));
        Assert.That(listed.LastRestorableAt, Is.GreaterThanOrEqualTo(second.EndedAt));
    }

    [Test]
    public async Task BackUp_WhenItFails_SaysWhy()
    {
        var request = Request(BackedUp);
        var source = request with { Resource = await CreateAsync(request) };
        Operator.SetFault($"{Namespace}/{ClusterOf(request)}", new CnpgFault { BackupFailure = "bucket is full" });
        Assert.That(
            async () => await Plugin.BackUpAsync(source, Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Message.Contains("is failed: bucket is full")
        );
    }

    [Test]
    public async Task BackUp_WithoutSchedule_IsAConflict()
    {
        var request = Request();
        var source = request with { Resource = await CreateAsync(request) };
        Assert.That(
            async () => await Plugin.BackUpAsync(source, Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.Conflict)
        );
    }

    [TestCase(DeletionPolicy.Freeze)]
    [TestCase(DeletionPolicy.Archive)]
    public async Task Undelete_AfterTrash_HasRowsAndCredentials(DeletionPolicy policy)
    {
        var request = Request(BackedUp with { DeletionPolicy = policy, PoolerInstances = 1 });
        var database = request with { Resource = await CreateAsync(request) };
        await QueryAsync(database.Resource, "create table t (n int); insert into t values (1)");
        var before = await Plugin.GetCredentialsAsync(database.Resource, null, default);
        await Plugin.TrashAsync(database, Log, default);
        await Plugin.TrashAsync(database, Log, default);
        Assert.That(async () => await ConnectAsync(before), Throws.InstanceOf<NpgsqlException>());
        var state = (await Plugin.StatusAsync(database.Resource, default)).State;
        Assert.That(state, Is.EqualTo(policy == DeletionPolicy.Freeze ? ObservedState.Frozen : ObservedState.Missing));

        Assert.That((await Plugin.UndeleteAsync(database, Log, default)).State, Is.EqualTo(ObservedState.Running));
        Assert.That((await Plugin.UndeleteAsync(database, Log, default)).State, Is.EqualTo(ObservedState.Running));
        var after = await Plugin.GetCredentialsAsync(database.Resource, null, default);
        Assert.That((after.User, after.Password), Is.EqualTo((before.User, before.Password)));
        Assert.That(await QueryAsync(database.Resource, "select n from t"), Is.EqualTo("1"));
    }

    [Test]
    public async Task Deprovision_WhenArchived_LeavesNothing()
    {
        var request = Request(BackedUp with { DeletionPolicy = DeletionPolicy.Archive });
        var database = request with { Resource = await CreateAsync(request) };
        await Plugin.TrashAsync(database, Log, default);
        await Plugin.DeprovisionAsync(database.Resource, Log, default);
        Assert.That(
            (await Objects.ListAsync("backups")).Where(b => b["metadata"]!["namespace"]!.GetValue<string>() == Namespace),
            Is.Empty
        );
        Assert.That(
            async () => await Plugin.UndeleteAsync(database, Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.NotFound)
        );
    }

    private async Task<ResourceRef> RestoreAsync(ProvisionRequest<DatabaseSpec> source, DatabaseOrigin origin)
    {
        var request = Request(BackedUp);
        return await CreateAsync(request with { Spec = source.Spec with { Origin = origin } });
    }
}
