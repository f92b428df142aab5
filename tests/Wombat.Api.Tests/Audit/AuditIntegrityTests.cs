using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Wombat.Infrastructure.Audit;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Audit;

/// <summary>The audit is append-only, chained and signed: every change of it is found.</summary>
public sealed class AuditIntegrityTests : AuditTestBase
{
    [TestCase("update events set actor = 'someone else'")]
    [TestCase("update events set actor_id = null")]
    [TestCase("delete from events")]
    [TestCase("truncate events")]
    [TestCase("update event_positions set position = position + 1000")]
    [TestCase("delete from event_positions")]
    public async Task Tables_WhenChangedByTheApplicationsRole_RejectTheChange(string sql)
    {
        await CreateSequencedEventsAsync();
        var refused = Assert.ThrowsAsync<PostgresException>(() => Server.ExecuteAsync(sql));
        Assert.That(refused!.MessageText, Does.StartWith("the audit is append-only"));
    }

    // As a superuser who disables the triggers.
    [TestCase(
        "update events set actor = 'someone else' where id = (select event_id from event_positions where position = 2)",
        "events",
        2,
        "does not match the chain"
    )]
    [TestCase(
        "update events set after = after || '{\"name\":\"Other\"}' where id = (select event_id from event_positions where position = 3)",
        "events",
        3,
        "does not match the chain"
    )]
    [TestCase(
        "update events set actor_id = null where id = (select event_id from event_positions where position = 3)",
        "events",
        3,
        "does not match the chain"
    )]
    [TestCase("delete from events where id = (select event_id from event_positions where position = 2)", "events", 2, "missing")]
    [TestCase("delete from event_positions where position = 3", "event_positions", 3, "missing")]
    [TestCase("delete from event_positions where position >= 4", "event_positions", 4, "missing")]
    [TestCase(
        "update event_positions set event_id = case position when 2 then (select event_id from event_positions "
            + "where position = 3) else (select event_id from event_positions where position = 2) end where position in (2, 3)",
        "event_positions",
        2,
        "does not match the chain"
    )]
    public async Task Verify_WhenARowWasChanged_NamesItsPosition(string sql, string table, int position, string problem)
    {
        await CreateSequencedEventsAsync();
        Assert.That((bool)(await Admin.GetAsync(Verification)).Body!["intact"]!, Is.True);
        await Server.ExecuteAsync(
            $"alter table {table} disable trigger user; drop index if exists ux_event_positions_event; {sql}; alter table "
                + $"{table} enable trigger user"
        );
        var found = (await Admin.GetAsync(Verification)).Body!;
        Assert.That((bool)found["intact"]!, Is.False);
        Assert.That((int)found["broken"]!["position"]!, Is.EqualTo(position));
        Assert.That((string)found["broken"]!["problem"]!, Does.Contain(problem));
    }

    [Test]
    public async Task Verify_WhenChainWasRewritten_ReportsTheSignedHead()
    {
        await CreateSequencedEventsAsync();
        await Server.Services.GetRequiredService<AuditMaintenance>().SignAsync(CancellationToken.None);
        Assert.That((int)(await Admin.GetAsync(Verification)).Body!["heads"]!, Is.EqualTo(1));

        // With access to the database only, the chain can be recomputed but not signed.
        await Server.ExecuteAsync(
            """
            alter table events disable trigger user; alter table event_positions disable trigger user;
            update events set actor = 'someone else' where id = (select event_id from event_positions where position = 1);
            with links as (select p.position, event_chain('\x', p.position, event_digest(e)) over (order by p.position) as hash
                from event_positions p join events e on e.id = p.event_id)
            update event_positions p set hash = links.hash from links where links.position = p.position;
            """
        );
        var found = (await Admin.GetAsync(Verification)).Body!;
        Assert.That((string)found["broken"]!["problem"]!, Does.Contain("were changed"));
    }

    // As the owner of the database: the chain is recomputed from its start, and signed heads that contradict it are removed.
    [TestCase("delete from audit_heads", true, "was signed here but is missing")]
    [TestCase("delete from audit_heads", false, "nor a later one has a signed head")]
    [TestCase("delete from audit_heads where number = 3", true, "was signed here but is missing")]
    [TestCase("delete from audit_heads where number = 2", false, "The signed head 2 is missing")]
    [TestCase("delete from audit_heads where number < 3", false, "were changed")]
    public async Task Verify_WhenHeadsWereRemoved_ReportsThem(string removal, bool withFile, string problem)
    {
        await CreateSequencedEventsAsync();
        var heads = Server.Services.GetRequiredService<AuditHeads>();
        var key = Server.Services.GetRequiredService<AuditKey>();
        await Server.Services.GetRequiredService<AuditMaintenance>().SignAsync(CancellationToken.None);
        for (var day = 1; day <= 2; day++)
        {
            var last = (await heads.LastAsync(CancellationToken.None))!;
            var head = last.Head with { Number = last.Head.Number + 1, Previous = last.Digest(), Day = $"2020-01-0{day}" };
            var signed = new StoredHead(head, key.Id, key.Sign(head));
            Assert.That(await heads.AddAsync(signed, DateTimeOffset.UnixEpoch, CancellationToken.None), Is.True);
            heads.Remember(signed);
        }

        Assert.That((await Admin.GetAsync(Verification)).Text, Does.Contain("\"intact\":true").And.Contain("\"heads\":3"));
        await Server.ExecuteAsync(
            $"""
            alter table events disable trigger user; alter table event_positions disable trigger user;
            alter table audit_heads disable trigger user;
            {removal};
            update events set actor = 'someone else' where id = (select event_id from event_positions where position = 1
                and not exists (select 1 from audit_heads where number = 1));
            with links as (select p.position, event_chain('\x', p.position, event_digest(e)) over (order by p.position) as hash
                from event_positions p join events e on e.id = p.event_id)
            update event_positions p set hash = links.hash from links where links.position = p.position;
            update event_sequencer set hash = (select hash from event_positions order by position desc limit 1);
            """
        );
        if (!withFile)
        {
            File.Delete(key.HeadFile);
        }

        // Verified two days later.
        var verifier = new AuditVerifier(
            Server.Services.GetRequiredService<NpgsqlDataSource>(),
            key,
            heads,
            new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(2))
        );
        var found = await verifier.VerifyAsync(CancellationToken.None);
        Assert.That(found.Broken?.Problem, Does.Contain(problem), removal);
    }

    [Test]
    public async Task Retention_WhenAMonthIsDropped_KeepsTheRestVerifiable()
    {
        await CreateSequencedEventsAsync();
        await Server.ExecuteAsync("select ensure_event_partition('2020-01-01')");
        var old = Guid.Parse("016f5e66-e800-7000-8000-000000000001");
        await Server.ExecuteAsync(
            "insert into events (id, at, actor, through, action, target_type, target_id, outcome) "
                + $"values ('{old}', '2020-01-01', 'old', 'system', 'a.b', 'c', '{old}', 'success')"
        );
        await using var keeping = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["AUDIT_RETENTION_DAYS"] = "30" },
            share: Server
        );
        await Eventually.UntilAsync(
            async () => await Server.ScalarAsync<long>($"select count(*) from event_positions where event_id = '{old}'") == 1,
            "the old event has its position"
        );

        // The drop does not wait for a reader, since all writers would wait behind it.
        var keeper = keeping.Services.GetRequiredService<AuditMaintenance>();
        await using (var reader = await Server.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync())
        await using (await reader.BeginTransactionAsync())
        {
            await using var read = new NpgsqlCommand("select count(*) from events", reader);
            await read.ExecuteScalarAsync();
            var refused = Assert.ThrowsAsync<PostgresException>(() => keeper.DropOldAsync(CancellationToken.None));
            Assert.That(refused!.SqlState, Is.EqualTo(PostgresErrorCodes.LockNotAvailable));
            Assert.That(await Server.ScalarAsync<long>($"select count(*) from events where id = '{old}'"), Is.EqualTo(1));
        }

        await keeper.DropOldAsync(CancellationToken.None);
        Assert.That(
            await Server.ScalarAsync<long>(
                "select count(*) from event_positions, event_sequencer where event_positions.position <= floor_position"
            ),
            Is.Zero
        );
        Assert.That(await Server.ScalarAsync<long>($"select count(*) from events where id = '{old}'"), Is.Zero);
        Assert.That(await Server.ScalarAsync<string>("select to_regclass('events_2020_01')::text"), Is.Null);
        await Admin.CreateProjectAsync();
        var found = (await Admin.GetAsync(Verification)).Body!;
        Assert.That((bool)found["intact"]!, Is.True, found.ToJsonString());
        Assert.That((long)found["from_position"]!, Is.GreaterThan(1));
    }
}
