using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>A PgBouncer that asks its server for the passwords of clients, as the one of CloudNativePG does.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    private const string User = "cnpg_pooler_pgbouncer";

    private readonly PeerProcess process;

    private PgBouncer(PeerProcess process, int port)
    {
        this.process = process;
        Port = port;
    }

    public int Port { get; }

    public static async Task<PgBouncer> StartAsync(
        string folder,
        int port,
        TestCertificate certificate,
        CnpgInstance server,
        JsonObject settings
    )
    {
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        await PrepareAsync(server, password);
        string At(string name) => Path.Combine(folder, name);
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        await File.WriteAllTextAsync(At("server.pem"), certificate.CertificatePem);
        await File.WriteAllTextAsync(At("server.key"), certificate.KeyPem);
        await File.WriteAllTextAsync(At("users.txt"), $"\"{User}\" \"{password}\"\n");
        var parameters = settings["parameters"]?.AsObject().Select(p => $"{p.Key} = {p.Value!.GetValue<string>()}") ?? [];
        await File.WriteAllTextAsync(
            At("pgbouncer.ini"),
            $"""
            [databases]
            * = host=127.0.0.1 port={server.Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {At("users.txt")}
            auth_user = {User}
            auth_query = select usename, passwd from cnpg_user_search($1)
            pool_mode = {settings["poolMode"]!.GetValue<string>()}
            server_tls_sslmode = require
            client_tls_key_file = {At("server.key")}
            client_tls_cert_file = {At("server.pem")}
            ignore_startup_parameters = extra_float_digits,options
            {string.Join('\n', parameters)}

            """
        );
        // It refuses to run as root.
        string[] command = ["/usr/sbin/pgbouncer", At("pgbouncer.ini")];
        string[] wrapped =
            Environment.UserName == "root"
                ? ["/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", .. command]
                : command;
        return new PgBouncer(await PeerProcess.StartAsync(port, wrapped[0], wrapped[1..]), port);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    // A function of the superuser, since nobody else may read passwords.
    private static async Task PrepareAsync(CnpgInstance server, string password)
    {
        if ((await server.ReadAsync($"select rolname from pg_roles where rolname = '{User}'")).Count == 0)
        {
            await server.ReadAsync($"create role {User} login");
        }

        await server.ReadAsync($"alter role {User} password '{password}'");
        foreach (
            var sql in new[]
            {
                """
                    create or replace function cnpg_user_search(uname text) returns table (usename name, passwd text)
                    language sql security definer as 'select usename, passwd from pg_shadow where usename = $1'
                    """,
                "revoke all on function cnpg_user_search(text) from public",
                $"grant execute on function cnpg_user_search(text) to {User}",
            }
        )
        {
            await server.ReadAsync(sql, "app");
        }
    }
}
