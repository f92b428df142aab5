using System.Text.RegularExpressions;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Domain.Containers;

/// <summary>A system container made from a template.</summary>
public sealed partial class Container : Resource
{
    public const int TemplateMax = 100;
    public const int CpuMin = 1;
    public const int CpuMax = 128;
    public const int MemoryMinMiB = 16;
    public const int MemoryMaxMiB = 1024 * 1024;
    public const int DiskMinGiB = 1;
    public const int DiskMaxGiB = 16 * 1024;
    public const int SshKeysMax = 50;
    public const int InstalledKeysMax = 64;
    public const string NamePattern = NameForm + "$";
    public const string TemplatePattern = TemplateForm + "$";
    private const string NameForm = "^[a-z]([a-z0-9-]*[a-z0-9])?";
    private const string TemplateForm = "^[A-Za-z0-9][A-Za-z0-9._:/-]*";

    private Container() { }

    public override string Noun => "container";

    public string Template { get; private set; } = "";

    public ContainerSize Size { get; private set; } = ContainerSize.Unset;

    /// <summary>Public keys that were given with the request, in OpenSSH's one-line form.</summary>
    public string[] SshKeys { get; private set; } = [];

    /// <summary>The user, or the token that is no user's, who gave <see cref="SshKeys"/>; they count while it may operate the container.</summary>
    public Guid? SshKeysOwnerId { get; private set; }

    /// <summary>A digest of the keys that were last installed; null where that is not known.</summary>
    public string? InstalledKeys { get; private set; }

    public static Container Create(
        Project project,
        string plugin,
        string template,
        string name,
        ContainerSize size,
        GivenKeys keys,
        DateTimeOffset now
    )
    {
        project.EnsureAcceptsResources();
        var container = new Container
        {
            Template = template,
            Size = size,
            SshKeys = [.. keys.Lines],
            SshKeysOwnerId = keys.Lines.Count == 0 ? null : keys.OwnerId,
        };
        container.Initialize(project.Id, plugin, name, $"{project.UnixName}-{name}", now);
        return container;
    }

    /// <param name="digest">Of the keys that it was made with.</param>
    public void KeysInstalled(string digest) => InstalledKeys = digest;

    [GeneratedRegex(NameForm + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex NameRegex();

    [GeneratedRegex(TemplateForm + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex TemplateRegex();
}
