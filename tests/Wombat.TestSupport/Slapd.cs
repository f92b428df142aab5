using System.Text;
using Wombat.Infrastructure.Processes;

namespace Wombat.TestSupport;

/// <summary>An OpenLDAP server with people and groups, which accepts passwords over TLS only.</summary>
public sealed class Slapd : IAsyncDisposable
{
    public const string Root = "dc=wombat,dc=test";
    public const string Reader = "cn=reader,dc=wombat,dc=test";
    public const string ReaderPassword = "password-of-the-reader";
    private const string Manager = "cn=manager,dc=wombat,dc=test";
    private const string ManagerPassword = "password-of-the-manager";

    private readonly TestFolder folder = new();
    private readonly int port = FreePort.Next();
    private readonly int securePort = FreePort.Next();
    private PeerProcess? process;

    private Slapd() { }

    public string Url => $"ldap://127.0.0.1:{port}";

    public string SecureUrl => $"ldaps://127.0.0.1:{securePort}";

    public string CaFile => Path.Combine(folder.Path, "ca.pem");

    /// <param name="people">LDIF of the entries under ou=people and ou=groups.</param>
    /// <param name="limits">Limits of the reader besides unlimited sizes.</param>
    /// <param name="access">Access rules before the others.</param>
    public static async Task<Slapd> StartAsync(string people, string limits = "", string access = "")
    {
        var server = new Slapd();
        await server.PrepareAsync(people, limits, access);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>A person's entry. The password is "secret of LOGIN".</summary>
    public static string Person(string login, string? more = null) =>
        $"dn: uid={login},ou=people,{Root}\nobjectClass: inetOrgPerson\nuid: {login}\ncn: Name of {login}\nsn: {login}\nmail: "
        + $"{login}@example.org\nuserPassword: secret of {login}\n{more}\n";

    /// <summary>A group's entry; members are logins, or groups with a leading @.</summary>
    public static string Group(string name, params string[] members) =>
        $"dn: cn={name},ou=groups,{Root}\nobjectClass: groupOfNames\ncn: "
        + $"{name}\n{string.Concat(members.Select(m => $"member: {Name(m)}\n"))}\n";

    public static string Name(string member) => member[0] == '@' ? $"cn={member[1..]},ou=groups,{Root}" : $"uid={member},ou=people,{Root}";

    public async Task StartAgainAsync() =>
        process = await PeerProcess.StartAsync(
            port,
            "/usr/sbin/slapd",
            "-d",
            "0",
            "-f",
            Path.Combine(folder.Path, "slapd.conf"),
            "-h",
            $"{Url} {SecureUrl}"
        );

    public async Task KillAsync()
    {
        if (process is not null)
        {
            await process.DisposeAsync();
            process = null;
        }
    }

    /// <summary>It still accepts connections and never answers.</summary>
    public Task HangAsync() => RunAsync("/bin/kill", "-STOP", $"{process!.Id}");

    /// <summary>Applies LDIF changes while it runs.</summary>
    public async Task ModifyAsync(string ldif)
    {
        var file = Path.Combine(folder.Path, "change.ldif");
        await File.WriteAllTextAsync(file, ldif);
        await RunAsync(
            "/usr/bin/env",
            $"LDAPTLS_CACERT={CaFile}",
            "ldapmodify",
            "-x",
            "-ZZ",
            "-c",
            "-H",
            Url,
            "-D",
            Manager,
            "-w",
            ManagerPassword,
            "-f",
            file
        );
    }

    /// <summary>The output of ldapsearch.</summary>
    public Task<string> SearchAsync(string filter) =>
        RunAsync(
            "/usr/bin/env",
            $"LDAPTLS_CACERT={CaFile}",
            "ldapsearch",
            "-x",
            "-ZZ",
            "-LLL",
            "-H",
            Url,
            "-D",
            Manager,
            "-w",
            ManagerPassword,
            "-b",
            Root,
            filter
        );

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        folder.Dispose();
    }

    private async Task PrepareAsync(string people, string limits, string access)
    {
        string At(string name) => Path.Combine(folder.Path, name);
        Directory.CreateDirectory(At("db"));
        var certificate = TestCertificate.Create();
        await File.WriteAllTextAsync(CaFile, certificate.CaPem);
        await File.WriteAllTextAsync(At("srv.pem"), certificate.CertificatePem);
        await File.WriteAllTextAsync(At("srv.key"), certificate.KeyPem);

        // As Active Directory, it accepts a bind with a name and no password.
        await File.WriteAllTextAsync(
            At("slapd.conf"),
            $"""
            include /etc/ldap/schema/core.schema
            include /etc/ldap/schema/cosine.schema
            include /etc/ldap/schema/inetorgperson.schema
            include /etc/ldap/schema/nis.schema
            modulepath /usr/lib/ldap
            moduleload back_mdb
            pidfile {At("slapd.pid")}
            TLSCACertificateFile {CaFile}
            TLSCertificateFile {At("srv.pem")}
            TLSCertificateKeyFile {At("srv.key")}
            security simple_bind=128
            allow bind_anon_cred
            sizelimit 500
            database mdb
            maxsize 1073741824
            suffix "{Root}"
            rootdn "{Manager}"
            rootpw {ManagerPassword}
            directory {At("db")}
            index objectClass,uid,entryUUID eq
            limits dn.exact="{Reader}" size=unlimited {limits}
            {access}
            access to attrs=userPassword by anonymous auth by * none
            access to * by dn.exact="{Reader}" write by * read

            """
        );
        var seed = new StringBuilder($"dn: {Root}\nobjectClass: dcObject\nobjectClass: organization\no: test\ndc: wombat\n\n");
        seed.Append(
            $"dn: {Reader}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: reader\nuserPassword: "
                + $"{ReaderPassword}\n\n"
        );
        foreach (var unit in new[] { "people", "groups" })
        {
            seed.Append($"dn: ou={unit},{Root}\nobjectClass: organizationalUnit\nou: {unit}\n\n");
        }

        await File.WriteAllTextAsync(At("seed.ldif"), seed.Append(people).ToString());
        await RunAsync("/usr/sbin/slapadd", "-q", "-f", At("slapd.conf"), "-l", At("seed.ldif"));
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var result = await ChildProcess.RunAsync(new ChildCommand(program, arguments, TimeSpan.FromSeconds(60)), CancellationToken.None);
        return result.ExitCode == 0
            ? result.Output
            : throw new InvalidOperationException($"{program} ended with {result.ExitCode}: {result.ErrorTail}");
    }
}
