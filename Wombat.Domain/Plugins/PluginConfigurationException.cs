namespace Wombat.Domain.Plugins;

/// <summary>A plugin's configuration is wrong. The message names the setting.</summary>
public sealed class PluginConfigurationException(string message) : Exception(message);
