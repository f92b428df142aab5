namespace Wombat.Application.Projects;

/// <summary>The unix_names in role mappings: whoever creates such a project gets its members.</summary>
public interface IReservedProjectNames
{
    bool IsReserved(string unixName);
}
