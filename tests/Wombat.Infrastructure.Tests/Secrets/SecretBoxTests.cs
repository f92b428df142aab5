using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Secrets;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Secrets;

/// <summary>Encrypted values are bound to their purpose, unreadable without the key, and resealed with a new key.</summary>
public sealed class SecretBoxTests
{
    [Test]
    public void Open_ForAnotherPurposeOrAlteredData_Throws()
    {
        using var folder = new TestFolder();
        var box = new SecretBox(Settings(folder));
        var secret = "the provider's refresh token"u8.ToArray();
        var sealedBytes = box.Seal("here", secret);
        Assert.That(box.Open("here", sealedBytes), Is.EqualTo(secret));
        Assert.That(box.Seal("here", secret), Is.Not.EqualTo(sealedBytes), "two encryptions of a value differ");
        Assert.That(() => box.Open("there", sealedBytes), Throws.InstanceOf<CryptographicException>());
        for (var i = 0; i < sealedBytes.Length; i++)
        {
            var altered = (byte[])sealedBytes.Clone();
            altered[i] ^= 1;
            Assert.That(() => box.Open("here", altered), Throws.InstanceOf<CryptographicException>(), $"byte {i}");
        }

        Assert.That(File.GetUnixFileMode(box.FilePath), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void Open_WhenAKeyWasAdded_FindsIt()
    {
        using var folder = new TestFolder();
        var running = new SecretBox(Settings(folder));
        var old = running.Seal("p", [1]);
        var rotating = new SecretBox(Settings(folder));
        rotating.AddKey();
        var fresh = rotating.Seal("p", [2]);
        Assert.That(running.Open("p", fresh), Is.EqualTo(new byte[] { 2 }));
        Assert.That(rotating.Open("p", old), Is.EqualTo(new byte[] { 1 }));
        Assert.That((rotating.IsCurrent(old), rotating.IsCurrent(fresh)), Is.EqualTo((false, true)));
        File.WriteAllText(running.FilePath, File.ReadLines(running.FilePath).First());
        Assert.That(() => new SecretBox(Settings(folder)).Open("p", old), Throws.InstanceOf<CryptographicException>());
    }

    [TestCase("")]
    [TestCase("not base64!")]
    [TestCase("c2hvcnQ=")]
    public void Constructor_WhenKeyFileIsInvalid_Throws(string content)
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "keys");
        File.WriteAllText(file, content);
        Assert.That(
            () => new SecretBox(Settings(folder, file)),
            Throws.InstanceOf<SettingsException>().With.Message.Contains("secrets.key_file")
        );
    }

    [Test]
    public async Task Start_WhenKeyIsLost_LosesOnlyWhatItEncrypted()
    {
        await using var server = await TestServer.StartAsync();
        var lost = new SecretBox(server.Services.GetRequiredService<WombatSettings>()).FilePath;
        var protector = server.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("p");
        var old = protector.Protect("before");
        await server.App.StopAsync();
        File.Delete(lost);
        await using var next = await TestServer.StartAsync(share: server);
        var again = next.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("p");
        Assert.That(again.Unprotect(again.Protect("after")), Is.EqualTo("after"));
        Assert.That(() => again.Unprotect(old), Throws.InstanceOf<CryptographicException>());
    }

    [Test]
    public async Task Rotation_WhenRun_EncryptsEverythingAgain()
    {
        await using var server = await TestServer.StartAsync();
        var box = (SecretBox)server.Services.GetService(typeof(SecretBox))!;
        var rotation = (SecretRotation)server.Services.GetService(typeof(SecretRotation))!;
        var user = await server.Client.CreateUserAsync();
        await using (
            var insert = ((NpgsqlDataSource)server.Services.GetService(typeof(NpgsqlDataSource))!).CreateCommand(
                "insert into sessions (id, user_id, hash, created_at, last_seen_at, expires_at, provider_tokens) "
                    + "select gen_random_uuid(), $1, sha256(n::text::bytea), now(), now(), now() + interval '1 day', $2 "
                    + "from generate_series(1, 25) n"
            )
        )
        {
            insert.Parameters.Add(new NpgsqlParameter { Value = Guid.Parse(user) });
            insert.Parameters.Add(new NpgsqlParameter { Value = box.Seal(Purposes.ProviderTokens, [7]) });
            await insert.ExecuteNonQueryAsync();
        }

        Assert.That(await rotation.RunAsync(CancellationToken.None), Is.GreaterThanOrEqualTo(25));
        File.WriteAllText(box.FilePath, File.ReadLines(box.FilePath).First());
        using var folder = new TestFolder();
        var onlyNew = new SecretBox(Settings(folder, box.FilePath));
        Assert.That(
            onlyNew.Open(Purposes.ProviderTokens, (await server.ScalarAsync<byte[]>("select provider_tokens from sessions limit 1"))!),
            Is.EqualTo(new byte[] { 7 })
        );
        Assert.That(
            await server.ScalarAsync<long>("select count(distinct substring(provider_tokens from 2 for 4)) from sessions"),
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task Rotation_OfTheSchema_KnowsEachEncryptedColumn()
    {
        string[] unencrypted =
        [
            "access_tokens.hash",
            "audit_heads.hash",
            "audit_heads.previous",
            "audit_heads.signature",
            "event_positions.hash",
            "event_sequencer.floor_hash",
            "event_sequencer.floor_signature",
            "event_sequencer.hash",
            "idempotent_answers.fingerprint",
            "job_log_blocks.metadata",
            "sessions.hash",
            "sign_in_failures.subject",
            "sign_in_origins.subject",
        ];
        await using var database = NpgsqlDataSource.Create(await SharedPostgres.NewMigratedDatabaseAsync());
        await using var command = database.CreateCommand(
            "select array_agg(c.table_name || '.' || c.column_name) from information_schema.columns c "
                + "join information_schema.tables t using (table_schema, table_name) "
                + "where c.table_schema = 'public' and c.data_type = 'bytea' and t.table_type = 'BASE TABLE' "
                + "and not exists (select 1 from pg_inherits where inhrelid = c.table_name::regclass)"
        );
        var binary = (string[])(await command.ExecuteScalarAsync())!;
        Assert.That(binary.Except(unencrypted), Is.EquivalentTo(SecretRotation.Columns));
    }

    private static WombatSettings Settings(TestFolder folder, string? file = null)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOMBAT_DATA_DIR"] = folder.Path,
            ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",
        };
        if (file is not null)
        {
            environment["WOMBAT_SECRETS_KEY_FILE"] = file;
        }

        return WombatSettings.Read(environment, new Dictionary<string, string>(StringComparer.Ordinal));
    }
}
