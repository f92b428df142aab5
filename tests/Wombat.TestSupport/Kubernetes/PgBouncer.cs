using System.Text.Json.Nodes;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>A PgBouncer that asks its server for the passwords of clients, as the one of CloudNativePG does.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
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
        CnpgServers servers,
        CnpgInstance server,
        JsonObject settings
    )
    {
        string At(string name) => Path.Combine(folder, name);
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        await File.WriteAllTextAsync(At("server.pem"), certificate.CertificatePem);
        await File.WriteAllTextAsync(At("server.key"), certificate.KeyPem);
        await File.WriteAllTextAsync(At("users.txt"), $"\"{CnpgServers.PoolerUser}\" \"{servers.PoolerPassword}\"\n");
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
            auth_user = {CnpgServers.PoolerUser}
            auth_query = select usename, passwd from cnpg_user_search($1)
            pool_mode = {settings["poolMode"]!.GetValue<string>()}
            server_tls_sslmode = require
            server_login_retry = 1
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
}
