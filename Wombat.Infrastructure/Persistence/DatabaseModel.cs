using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Commands;
using Wombat.Domain.Jobs;
using Wombat.Domain.Members;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;
using Wombat.Domain.Users;
using Wombat.Infrastructure.Persistence.Tables;

namespace Wombat.Infrastructure.Persistence;

/// <summary>The EF Core model: the configurations of all entities and tables, and the conventions that they share.</summary>
internal static class DatabaseModel
{
    // Read and written by SQL alone.
    private static readonly Type[] SqlTables =
    [
        typeof(AuditHeadRow),
        typeof(ContainerSampleRow),
        typeof(DataProtectionKeyRow),
        typeof(HostRow),
        typeof(RefusalCountRow),
        typeof(SignInFailureRow),
        typeof(SignInOriginRow),
    ];

    /// <param name="extensions">Assemblies with more configurations.</param>
    public static void Build(ModelBuilder modelBuilder, IReadOnlyList<Assembly> extensions)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(DatabaseModel).Assembly);
        foreach (var extension in extensions)
        {
            modelBuilder.ApplyConfigurationsFromAssembly(extension);
        }

        modelBuilder.HasDbFunction(
            typeof(JsonColumn).GetMethod(nameof(JsonColumn.Text))!,
            function =>
            {
                function.HasName("jsonb_extract_path_text").IsBuiltIn();
                function.HasParameter("column").HasStoreType("jsonb");
            }
        );

        foreach (var row in SqlTables)
        {
            var table = modelBuilder.Entity(row).Metadata;
            table.FindPrimaryKey()!.SetName($"pk_{table.GetTableName()}");
        }

        modelBuilder.HasDbFunction(typeof(TextSearch).GetMethod(nameof(TextSearch.Matches))!).HasName("search_matches");
        foreach (var entity in modelBuilder.Model.GetEntityTypes().Where(e => !e.IsMappedToJson()))
        {
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(FieldNames.Snake(property.GetColumnName()));
            }
        }
    }

    public static void Configure(ModelConfigurationBuilder conventions)
    {
        Store<Visibility>(conventions);
        Store<ResourceStatus>(conventions);
        Store<PlatformRole>(conventions);
        Store<ProjectRole>(conventions);
        Store<TokenScope>(conventions);
        Store<JobState>(conventions);
        Store<SshHostState>(conventions);
        Store<SshKeySource>(conventions);
    }

    private static void Store<T>(ModelConfigurationBuilder conventions)
        where T : struct, Enum => conventions.Properties<T>().HaveConversion<SnakeCaseEnumConverter<T>>().HaveMaxLength(20);
}
