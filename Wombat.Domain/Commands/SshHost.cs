using Wombat.Domain.Common;

namespace Wombat.Domain.Commands;

/// <summary>A machine that commands reach by SSH.</summary>
public sealed class SshHost
{
    public const int NameMax = 100;
    public const int AddressMax = 253;
    public const int PortMax = 65535;
    public const int UserNameMax = 64;
    public const int PrivateKeyMax = 16 * 1024;
    public const int AliasMax = 100;
    public const int KeyFileMax = 255;
    public const int LabelsMax = 20;
    public const int LabelMax = 63;

    /// <summary>The purpose with which <see cref="PrivateKey"/> is encrypted.</summary>
    public const string PrivateKeyPurpose = "ssh_hosts.private_key";

    private SshHost() { }

    public Guid Id { get; private set; }

    /// <summary>Unique among the hosts of its project.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The project whose commands may use it; null for a host of the platform.</summary>
    public Guid? ProjectId { get; private set; }

    /// <summary>A DNS name or an IP address; of a container the last known one, empty if it had none yet.</summary>
    public string Address { get; private set; } = "";

    public int Port { get; private set; }

    /// <summary>The container that it is; null for another machine.</summary>
    public Guid? ContainerId { get; private set; }

    /// <summary>Its name in the OpenSSH client configuration that the settings name; null if it was registered by its address.</summary>
    public string? Alias { get; private set; }

    /// <summary>The host through which Wombat connects to it; null for a direct connection.</summary>
    public Guid? JumpHostId { get; private set; }

    /// <summary>Null if it has none, or if it was not read with the host.</summary>
    public SshHost? JumpHost { get; private set; }

    /// <summary>The account that runs the commands.</summary>
    public string UserName { get; private set; } = "";

    /// <summary>By which commands choose it; sorted.</summary>
    public IReadOnlyList<string> Labels { get; private set; } = [];

    /// <summary>Where the private key is with which Wombat signs in.</summary>
    public SshKeySource KeySource { get; private set; }

    /// <summary>The encrypted private key; null if it is not stored.</summary>
    public byte[]? PrivateKey { get; private set; } = [];

    /// <summary>The path of the private key in the directory of key files; null if it is elsewhere.</summary>
    public string? KeyFile { get; private set; }

    /// <summary>The public half, for the file authorized_keys of the account; empty if the key is not stored.</summary>
    public string PublicKey { get; private set; } = "";

    /// <summary>The accepted host keys: type and base64, as in known_hosts.</summary>
    public IReadOnlyList<string> HostKeys { get; private set; } = [];

    public SshHostState State { get; private set; }

    /// <summary>Why it cannot be used; null if it can.</summary>
    public string? Problem { get; private set; }

    /// <summary>The time of the last contact or attempt.</summary>
    public DateTimeOffset? CheckedAt { get; private set; }

    /// <summary>Counts the changes by people.</summary>
    public int Version { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public static SshHost Create(string name, Guid? project, string address, int port, string user, DateTimeOffset now) =>
        new()
        {
            Id = Uuid7.At(now),
            Name = name,
            ProjectId = project,
            Address = address,
            Port = port,
            UserName = user,
            Version = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };

    /// <summary>Another address is another machine until an admin has accepted its keys.</summary>
    public void Change(string name, string address, int port, string user, DateTimeOffset now)
    {
        if (address != Address && ContainerId is null || port != Port)
        {
            ForgetKeys();
        }

        (Name, Address, Port, UserName, UpdatedAt) = (name, address, port, user, now);
        Version++;
    }

    /// <summary>Says what it is besides an address. A container is the same machine whatever its address.</summary>
    public void SetOrigin(Guid? container, string? alias)
    {
        if (container != ContainerId)
        {
            ForgetKeys();
        }

        (ContainerId, Alias) = (container, alias);
    }

    /// <summary>Through another jump host the same address may be another machine.</summary>
    public void SetJumpHost(Guid? jumpHost)
    {
        if (jumpHost != JumpHostId)
        {
            ForgetKeys();
        }

        JumpHostId = jumpHost;
    }

    public void SetLabels(IEnumerable<string> labels) =>
        Labels = [.. labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    public void SetKey(SshCredential key) => (KeySource, PrivateKey, PublicKey, KeyFile) = key;

    /// <summary>Replaces the key. Whether the host lets Wombat in with it is learnt by the next contact.</summary>
    public void ReplaceKey(SshCredential key, DateTimeOffset now)
    {
        SetKey(key);
        UpdatedAt = now;
        Version++;
    }

    public bool HasLabels(IEnumerable<string> labels) => labels.All(l => Labels.Contains(l, StringComparer.Ordinal));

    /// <summary>Whether an admin has accepted its keys, and it has shown no others since.</summary>
    public bool IsTrusted => State is not (SshHostState.Unverified or SshHostState.KeyChanged);

    /// <summary>Its jump host or itself, if no admin has accepted the keys that it shows; null if Wombat may connect.</summary>
    public SshHost? Untrusted =>
        JumpHost is { IsTrusted: false } ? JumpHost
        : IsTrusted ? null
        : this;

    /// <summary>Accepts the keys that the host shows now. Whether Wombat can sign in is learnt by the next contact.</summary>
    public void AcceptKeys(IReadOnlyList<string> keys, DateTimeOffset now)
    {
        (HostKeys, UpdatedAt) = (keys, now);
        (State, Problem, CheckedAt) = (SshHostState.Reachable, null, now);
        Version++;
    }

    private void ForgetKeys()
    {
        HostKeys = [];
        (State, Problem, CheckedAt) = (SshHostState.Unverified, null, null);
    }
}
