namespace Wombat.Domain.Plugins;

/// <summary>Ability: the templates to choose from.</summary>
public interface IOffersTemplates
{
    Task<IReadOnlyList<PluginTemplate>> TemplatesAsync(CancellationToken cancel);
}
