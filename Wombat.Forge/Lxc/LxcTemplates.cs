namespace Wombat.Forge.Lxc;

/// <summary>The templates of the LXC back end: the built-in ones and those of the setting FORGE_LXC_TEMPLATES.</summary>
/// <param name="folder">The data folder.</param>
internal sealed class LxcTemplates(LxcImages images, string folder)
{
    private readonly Lazy<IReadOnlyList<LxcTemplate>> all = new(LxcTemplate.ReadAll);

    public LxcImages Images => images;

    /// <exception cref="ForgeException">Usage: the template does not exist or does not accept SSH keys.</exception>
    public LxcTemplate Find(CreateRequest request)
    {
        var template = Find(request.Template);
        return request.SshKeys.Count == 0 || template.AcceptsSshKeys
            ? template
            : throw new ForgeException(ExitCode.Usage, $"--ssh-key-file: the template {template.Name} does not accept SSH keys");
    }

    public bool AcceptsSshKeys(string template) => all.Value.Any(t => t.Name == template && t.AcceptsSshKeys);

    public IReadOnlyList<Template> List() => [.. all.Value.Select(Describe)];

    /// <summary>Builds the images that are missing.</summary>
    public async Task<IReadOnlyList<Template>> BuildImagesAsync(string? template, CancellationToken cancel)
    {
        IReadOnlyList<LxcTemplate> wanted = template is null ? all.Value : [Find(template)];
        foreach (var one in wanted)
        {
            await images.EnsureAsync(one, cancel);
        }

        return [.. wanted.Select(Describe)];
    }

    private LxcTemplate Find(string name) =>
        all.Value.FirstOrDefault(t => t.Name == name)
        ?? throw new ForgeException(ExitCode.Usage, $"--template: must be one of {string.Join(", ", all.Value.Select(t => t.Name))}");

    private Template Describe(LxcTemplate template)
    {
        var isCached = images.IsCached(template);
        return new Template(template.Name, template.Description, template.AcceptsSshKeys, template.AcceptsSshKeys)
        {
            Version = template.Version,
            Cached = isCached,
            FirstUseSeconds = isCached ? 0 : template.BuildSeconds,
            MinMemory = template.IsBusybox ? 4 : 64,
            MinDisk = 1,
            AcceptsUserData = true,
            Machine = MachineSize.Read(folder),
        };
    }
}
