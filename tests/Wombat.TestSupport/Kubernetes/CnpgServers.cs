using System.Security.Cryptography;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Postgres;
using Wombat.Infrastructure.Processes;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>
/// What the PostgreSQL servers of all Clusters share: the programs and the account that runs them, a certificate, and data that are
/// prepared once and copied, with the application database and the function by which a pooler reads passwords.
/// </summary>
internal sealed class CnpgServers
{
    public const string Owner = "app";
    public const string Database = "app";
    public const string PoolerUser = "cnpg_pooler_pgbouncer";

    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(1);

    private readonly string folder;
    private readonly string binaries;
    private readonly PostgresUser user;

    private CnpgServers(string folder, string binaries, PostgresUser user)
    {
        this.folder = folder;
        this.binaries = binaries;
        this.user = user;
    }

    public string CertificateFile => Path.Combine(folder, "server.pem");

    public string KeyFile => Path.Combine(folder, "server.key");

    /// <summary>The password of <see cref="PoolerUser"/> on every server, since a restored one has that of its source.</summary>
    public string PoolerPassword { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private string Prepared => Path.Combine(folder, "prepared");

    public static async Task<CnpgServers> PrepareAsync(string folder, TestCertificate certificate)
    {
        PrivateFiles.EnsureFolder(folder);
        var binaries = PostgresBinaries.Find(null).Folder;
        var servers = new CnpgServers(
            folder,
            binaries,
            await PostgresUser.ChooseAsync(Path.GetDirectoryName(folder)!, binaries, CancellationToken.None)
        );
        servers.user.ChangeOwner(folder);
        SecretFile.Write(servers.CertificateFile, certificate.CertificatePem);
        SecretFile.Write(servers.KeyFile, certificate.KeyPem);
        servers.user.ChangeOwner(servers.CertificateFile);
        servers.user.ChangeOwner(servers.KeyFile);
        await servers.InitializeAsync();
        return servers;
    }

    /// <summary>Creates the folder of a server.</summary>
    public string CreateFolder(string name)
    {
        var path = Path.Combine(folder, name);
        user.CreatePrivateDirectory(path);
        return path;
    }

    public Task CopyPreparedAsync(string target) => RunAsync("/bin/cp", "-a", Prepared, target);

    /// <summary>Writes a file that belongs to the account of the servers.</summary>
    public async Task WriteAsync(string path, string content)
    {
        await File.WriteAllTextAsync(path, content);
        user.ChangeOwner(path);
    }

    public Task<PeerProcess> StartAsync(int port, params string[] options)
    {
        var (program, arguments) = user.Wrap(Path.Combine(binaries, "postgres"), options);
        return PeerProcess.StartAsync(port, program, [.. arguments]);
    }

    public static async Task RunAsync(string program, params string[] arguments)
    {
        var command = new ChildCommand(program, arguments, CommandTimeout) { WorkingDirectory = "/" };
        var result = await ChildProcess.RunAsync(command, CancellationToken.None);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {result.ExitCode}: {result.ErrorTail}");
        }
    }

    private async Task InitializeAsync()
    {
        // Small segments: whatever is archived occupies a whole one.
        var (program, arguments) = user.Wrap(
            Path.Combine(binaries, "initdb"),
            [
                "-D",
                Prepared,
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--wal-segsize=1",
                "--data-checksums",
                "--no-instructions",
                "--no-sync",
            ]
        );
        await RunAsync(program, [.. arguments]);
        await WriteAsync(
            Path.Combine(Prepared, "pg_hba.conf"),
            """
            local all postgres trust
            host all postgres all reject
            host all all 127.0.0.1/32 scram-sha-256

            """
        );
        await using var server = new CnpgInstance(this, "preparation", FreePort.Next());
        await server.StartOnAsync(Prepared);
        await server.ReadAsync($"create role {Owner} login");
        await server.ReadAsync($"create database {Database} owner {Owner}");
        await server.ReadAsync($"create role {PoolerUser} login password '{PoolerPassword}'");
        foreach (
            var sql in new[]
            {
                """
                    create function cnpg_user_search(uname text) returns table (usename name, passwd text)
                    language sql security definer as 'select usename, passwd from pg_shadow where usename = $1'
                    """,
                "revoke all on function cnpg_user_search(text) from public",
                $"grant execute on function cnpg_user_search(text) to {PoolerUser}",
            }
        )
        {
            await server.ReadAsync(sql, Database);
        }

        await server.StopAsync();
    }
}
